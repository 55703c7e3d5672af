"""`keras-mtl evaluate`: the metrics of a run on a split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import prepare
from keras_mtl.cli.restoring import restored, split_of
from keras_mtl.cli.settings import Settings


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
@click.option(
    "--pipeline",
    help="What to do with the outputs, such as glaucoma; by default what the "
    "run names.",
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
    pipeline: str | None,
    as_json: bool,
) -> None:
    """Compute every metric of every task of RUN, a run folder."""
    prepare(settings)
    from keras_mtl.cli.output import print_metrics
    from keras_mtl.runs import RunFolder

    changed = [] if pipeline is None else [f"pipeline={pipeline}"]
    folder = RunFolder.open(run)
    experiment, used = restored(folder, settings, weights, changed)
    part = split_of(experiment.data, split)
    with experiment.data.reading():
        metrics = _evaluate(experiment, part)
    if as_json:
        values = {"split": split, "weights": used, "tasks": metrics}
        click.echo(json.dumps(values, indent=2))
    else:
        print_metrics(metrics, f"{split.capitalize()} ({used} weights)")


def _evaluate(experiment: Any, part: Any) -> dict[str, dict[str, float]]:
    from keras_mtl.runs.results import by_task

    trainer, pipeline = experiment.trainer, experiment.pipeline
    logs = trainer.evaluate(part.dataset(), return_dict=True, verbose=0)
    scores = {name: float(value) for name, value in logs.items()}
    found = by_task(scores, trainer.tasks)
    if pipeline is not None:
        state = pipeline.fit(experiment.data)
        measured = pipeline.measure(trainer.model, part, state)
        for task, metrics in measured.items():
            found.setdefault(task, {}).update(metrics)
    return found
