"""`keras-mtl evaluate`: the metrics of a run on a split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import load_run, prepare
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError, DataError


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--split",
    type=click.Choice(["test", "validation", "train"]),
    default="test",
    show_default=True,
)
@click.option(
    "--weights",
    type=click.Choice(["best", "last"]),
    help="Checkpoint to evaluate; by default the one the run tested.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@options.no_plugins
@options.common
@click.pass_obj
def command(
    settings: Settings,
    run: Path,
    split: str,
    weights: str | None,
    as_json: bool,
) -> None:
    """Compute every metric of every task of RUN, a run folder."""
    prepare(settings)
    from keras_mtl.cli.output import print_metrics
    from keras_mtl.config import build
    from keras_mtl.runs import RunFolder

    folder = RunFolder.open(run)
    experiment = build(load_run(folder, settings))
    part = getattr(experiment.data, split)
    if part is None:
        raise ConfigError(
            f"the data set {experiment.data.name!r} has no {split} split. "
            "Choose another with --split."
        )
    chosen = weights or folder.resolved["fit"]["evaluate"]
    used = _restore(experiment.trainer, folder, chosen, weights is None)
    metrics = _evaluate(experiment.trainer, part)
    if as_json:
        values = {"split": split, "weights": used, "tasks": metrics}
        click.echo(json.dumps(values, indent=2))
    else:
        print_metrics(metrics, f"{split.capitalize()} ({used} weights)")


def _restore(trainer: Any, folder: Any, chosen: str, or_last: bool) -> str:
    """Loads a checkpoint; `last` where no epoch was best, if allowed."""
    from keras_mtl.runs import Checkpoints

    checkpoints = Checkpoints(folder.checkpoints)
    if chosen == "best" and (folder.best_weights.exists() or not or_last):
        checkpoints.load_best(trainer)
        return "best"
    if checkpoints.load_last(trainer) is None:
        raise DataError(
            f"the run {str(folder.path)!r} has no checkpoint yet. Let it "
            "train for an epoch."
        )
    return "last"


def _evaluate(trainer: Any, part: Any) -> dict[str, dict[str, float]]:
    from keras_mtl.runs.results import by_task

    logs = trainer.evaluate(part.dataset(), return_dict=True, verbose=0)
    scores = {name: float(value) for name, value in logs.items()}
    return by_task(scores, trainer.tasks)
