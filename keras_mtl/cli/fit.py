"""`keras-mtl fit`: trains."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import load_config, load_run
from keras_mtl.cli.settings import Settings
from keras_mtl.cli.transfer_tables import print_transfer, write_transfer

if TYPE_CHECKING:
    from keras_mtl.config import Experiment, Loaded
    from keras_mtl.runs import RunFolder


@click.command()
@click.argument("config", required=False)
@options.overrides
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the run; runs/NAME by default.",
)
@click.option("--resume", is_flag=True, help="Go on with the run.")
@click.option("--overwrite", is_flag=True, help="Replace the run.")
@click.option(
    "--limit-batches",
    type=click.IntRange(min=1),
    help="Train and validate on so many batches an epoch, to try it out.",
)
@click.option(
    "--dry-run", is_flag=True, help="Only try one step, as `inspect` does."
)
@options.common
@click.pass_obj
def command(
    settings: Settings,
    config: str | None,
    overrides: tuple[str, ...],
    seed: int | None,
    out: Path | None,
    resume: bool,
    overwrite: bool,
    limit_batches: int | None,
    dry_run: bool,
) -> None:
    """Train CONFIG and test what came of it.

    CONFIG is a YAML file or the name of a preset, multi_digits by default.
    With --resume and --out alone, a run goes on with its own configuration.
    """
    if resume and overwrite:
        raise click.UsageError("Give --resume or --overwrite, not both.")
    if resume and config is None and out is not None:
        loaded = load_run(_opened(out), settings, overrides, seed)
    else:
        loaded = load_config(config, overrides, seed, settings)
    if dry_run:
        from keras_mtl.cli.inspect import print_inspection

        print_inspection(loaded)
        return
    folder = out or Path("runs") / loaded.config.name
    if resume:
        run = _opened(folder)
        run.resume(loaded.config.resolved())
    experiment = _built(loaded)
    if not settings.quiet:
        print_transfer(experiment)
    if not resume:
        run = _created(folder, loaded, overwrite)
        write_transfer(experiment, run.path)
    metrics = _train(experiment, run, resume, limit_batches, settings)
    _print_result(metrics, run, settings)


def _opened(folder: Path) -> RunFolder:
    from keras_mtl.runs import RunFolder

    return RunFolder.open(folder)


def _built(loaded: Loaded) -> Experiment:
    from keras_mtl.config import build

    return build(loaded)


def _created(folder: Path, loaded: Loaded, overwrite: bool) -> RunFolder:
    from keras_mtl.runs import RunFolder

    return RunFolder.create(
        folder,
        loaded.text,
        loaded.config.resolved(),
        sys.argv,
        overwrite=overwrite,
    )


def _train(
    experiment: Experiment,
    run: RunFolder,
    resume: bool,
    limit_batches: int | None,
    settings: Settings,
) -> dict[str, Any]:
    import yaml

    from keras_mtl.cli.model_card import model_card
    from keras_mtl.runs import train

    fit = experiment.config.fit
    resolved = experiment.config.resolved()
    with run.lock():
        run.update(model_card=model_card(experiment.data))
        return train(
            experiment.trainer,
            experiment.data,
            run,
            epochs=fit.epochs,
            limit_batches=limit_batches,
            resume=resume,
            monitor=fit.monitor,
            mode=fit.mode,
            evaluate=fit.evaluate,
            checkpoint_every=fit.checkpoint_every,
            checkpoint_every_batches=fit.checkpoint_every_batches,
            log_every=fit.log_every,
            hparams=resolved,
            config_text=yaml.safe_dump(resolved, sort_keys=False),
            quiet=settings.quiet,
            callbacks=experiment.callbacks,
            pipeline=experiment.pipeline,
        )


def _print_result(
    metrics: dict[str, Any], run: RunFolder, settings: Settings
) -> None:
    from keras_mtl.cli.output import print_metrics

    if metrics["test"] and not settings.quiet:
        title = f"Test ({metrics['evaluated']} weights)"
        print_metrics(metrics["test"], title)
    click.echo(f"Run: {shlex.quote(str(_shortest(run.path)))}")


def _shortest(path: Path) -> Path:
    """The path relative to the current folder, if it lies in there."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
