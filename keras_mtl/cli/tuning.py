"""`keras-mtl sweep --tune`: looks for learning rates."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keras_mtl.cli.configuration import prepare, tell
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError

if TYPE_CHECKING:
    from keras_mtl.sweeps import Plan, SweepFolder
    from keras_mtl.sweeps.best import Best
    from keras_mtl.sweeps.tune_options import TuneOptions

Work = Callable[["SweepFolder"], None]


def is_search(path: Path) -> bool:
    """Whether the sweep in a folder is a search for learning rates."""
    from keras_mtl.sweeps.tuner import TUNING

    return (path / TUNING).is_file()


def search(
    plan: Plan, options: TuneOptions, out: Path, work: Work, settings: Settings
) -> SweepFolder:
    """Begins a search.

    Args:
        plan: The methods.
        options: How many rates, and in which range.
        out: Its folder, which may not exist yet.
        work: Runs what a sweep folder holds.
        settings: What the user wants of any command.

    Returns:
        The sweep folder, its trials run.
    """
    from keras_mtl.sweeps.tuner import Tuner

    tuner = Tuner(plan.config, options, out, settings.plugins)
    _print_rates(tuner.run(None, work), out, settings)
    return _folder(out)


def go_on(
    plan: Plan | None,
    options: TuneOptions | None,
    out: Path,
    work: Work,
    settings: Settings,
) -> SweepFolder:
    """Goes on with a search that was interrupted, or with more rates.

    Args:
        plan: The methods, to be checked against those of before.
        options: How many rates now; the range has to be that of before.
        out: Its folder.
        work: Runs what a sweep folder holds.
        settings: What the user wants of any command.

    Returns:
        The sweep folder, its trials run.

    Raises:
        ConfigError: If methods or range differ from those of before.
        DataError: If the folder is not that of a search.
    """
    prepare(settings)
    from keras_mtl.sweeps.tuner import Tuner

    count = options.count if options else None
    sweep = _folder(out)
    tuner = Tuner.open(out, count, settings.plugins)
    if plan is not None and plan.config != tuner.asked:
        raise ConfigError(
            f"The search in {str(out)!r} was begun with other methods. Go on "
            f"with it as it was, with --resume --out {out} alone, or choose "
            "another folder with --out."
        )
    if options and (options.low, options.high) != tuner.limits:
        raise ConfigError(
            f"The search in {str(out)!r} was begun in the range from "
            f"{tuner.limits[0]:g} to {tuner.limits[1]:g}. Give this one, or "
            "choose another folder with --out."
        )
    _print_rates(tuner.run(sweep, work), out, settings)
    return _folder(out)


def _folder(out: Path) -> SweepFolder:
    from keras_mtl.sweeps import SweepFolder

    return SweepFolder.open(out)


def _print_rates(found: list[Best], out: Path, settings: Settings) -> None:
    from keras_mtl.cli.output import print_table
    from keras_mtl.sweeps.tuner import TUNED

    rows = [
        [
            best.label,
            "-" if best.rate is None else f"{best.rate:g}",
            "-" if best.value is None else f"{best.value:.4g}",
            best.monitor,
            str(best.finished),
        ]
        for best in found
    ]
    heads = ["method", "learning rate", "best value", "of", "trials finished"]
    print_table(heads, rows)
    if any(best.rate is not None for best in found):
        path = shlex.quote(str(out / TUNED))
        tell(f"All seeds with these rates: keras-mtl sweep {path}", settings)
    else:
        click.echo("No trial reached a value.", err=True)
