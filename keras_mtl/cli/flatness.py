"""`keras-mtl flatness`: how flat the minima are that the tasks share."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import prepare, tell
from keras_mtl.cli.restoring import restored, split_of
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError

Curves = dict[str, dict[float, float]]

DEFAULT_BOUNDS = "0,0.01,0.02,0.04,0.06,0.08,0.1"


def _bounds(
    ctx: click.Context, parameter: click.Parameter, value: str
) -> tuple[float, ...]:
    """Numbers with commas between them: finite, 0 or more, each once."""
    try:
        numbers = {float(part) for part in value.split(",")}
    except ValueError:
        numbers = {math.nan}
    if not all(0 <= number < math.inf for number in numbers):
        raise click.BadParameter(
            "expected finite numbers, 0 or more, with commas between them, "
            f"such as 0,0.01,0.1. Received: {value!r}."
        )
    return tuple(sorted(numbers))


@click.command()
@click.argument(
    "runs", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--bounds",
    callback=_bounds,
    metavar="NUMBERS",
    default=DEFAULT_BOUNDS,
    show_default=True,
    help="Sizes of the noise, in units of the weights.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Draws of noise that a loss is averaged over.",
)
@click.option(
    "--noise-seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Seed of the noise; the same draws serve all runs and bounds.",
)
@click.option(
    "--split",
    type=click.Choice(["test", "validation", "train"]),
    default="test",
    show_default=True,
)
@click.option(
    "--weights",
    type=click.Choice(["best", "last"]),
    help="Checkpoint to probe; by default the one the run tested.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@options.no_plugins
@options.common
@click.pass_obj
def command(
    settings: Settings,
    runs: tuple[Path, ...],
    bounds: tuple[float, ...],
    samples: int,
    noise_seed: int,
    split: str,
    weights: str | None,
    as_json: bool,
) -> None:
    """Measure each task's loss under noise on the other tasks' encoders.

    RUNS are folders of runs of cooperative networks, whatever trained them.
    The curves are printed, and kept in flatness.csv in each folder;
    `keras-mtl compare RUNS... --plots DIR` draws them.
    """
    prepare(settings)
    from keras_mtl.runs import RunFolder
    from keras_mtl.runs.flatness_file import write_flatness

    found: dict[str, Curves] = {}
    for folder in [RunFolder.open(path) for path in runs]:
        tell(f"Probing {folder.path}", settings)
        experiment, _ = restored(folder, settings, weights)
        batches = split_of(experiment.data, split).dataset()
        curves = _probe(
            experiment.trainer, batches, bounds, samples, noise_seed
        )
        write_flatness(folder.path, curves)
        found[str(folder.path)] = curves
    if as_json:
        click.echo(json.dumps(_plain(found), indent=2))
    else:
        _show(found, bounds, f"Loss by size of the noise ({split})")


def _probe(
    trainer: Any,
    batches: Any,
    bounds: tuple[float, ...],
    samples: int,
    seed: int,
) -> Curves:
    from keras_mtl.trainers import flatness

    try:
        return flatness(trainer, batches, bounds, samples, seed)
    except ValueError as error:
        # The configuration named a network without separate encoders.
        raise ConfigError(str(error)) from error


def _show(
    found: dict[str, Curves], bounds: tuple[float, ...], title: str
) -> None:
    from keras_mtl.cli.output import print_table

    rows = [
        [run, task, *(f"{curve[bound]:.4f}" for bound in bounds)]
        for run, curves in found.items()
        for task, curve in curves.items()
    ]
    columns = [f"{bound:g}" for bound in bounds]
    print_table(["run", "task", *columns], rows, title)


def _plain(found: dict[str, Curves]) -> dict[str, Any]:
    """Lists in place of curves: JSON has no numbers as keys, and no NaN."""
    return {
        run: {
            task: [
                {"bound": bound, "loss": None if math.isnan(loss) else loss}
                for bound, loss in curve.items()
            ]
            for task, curve in curves.items()
        }
        for run, curves in found.items()
    }
