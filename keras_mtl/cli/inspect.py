"""`keras-mtl inspect`: what would be trained, and what a step costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import load_config
from keras_mtl.cli.settings import Settings
from keras_mtl.cli.transfer_tables import print_transfer

if TYPE_CHECKING:
    from keras_mtl.config import Experiment, Loaded


@click.command()
@click.argument("config")
@options.overrides
@options.common
@click.pass_obj
def command(
    settings: Settings,
    config: str,
    overrides: tuple[str, ...],
    seed: int | None,
) -> None:
    """Build CONFIG, describe it, and try some steps.

    Shows tasks, shapes, the parameters that tasks share and those of each,
    memory, the cost of a forward pass, the time of a training and of an
    evaluation step, and the share of the training that waits for data. Keeps
    nothing of what it trains, and writes nothing.
    """
    print_inspection(load_config(config, overrides, seed, settings))


def print_inspection(loaded: Loaded) -> None:
    """Builds a configuration and prints what it is.

    Args:
        loaded: A checked configuration.
    """
    from keras_mtl.cli.output import print_table
    from keras_mtl.config import build

    experiment = build(loaded)
    print_table(["", ""], _overview(experiment), experiment.config.name)
    print_transfer(experiment)
    columns = ["task", "kind", "output", "loss", "metrics", "own parameters"]
    print_table(columns, _tasks(experiment), "Tasks")
    print_table(["memory", "parameters", "bytes"], _memory(experiment))
    with experiment.data.reading():
        print_table(["cost", ""], _costs(experiment))


def _overview(experiment: Experiment) -> list[list[str]]:
    data, trainer = experiment.data, experiment.trainer
    groups = " | ".join(", ".join(group) for group in trainer.groups)
    splits = {
        "training": data.train,
        "validation": data.validation,
        "test": data.test,
    }
    sizes = [
        f"{split.num_samples:,} {name}"
        for name, split in splits.items()
        if split is not None
    ]
    return [
        ["data", f"{data.name}: {', '.join(sizes)}"],
        ["input", f"{data.input_shape}, batches of {data.batch_size}"],
        ["model", experiment.model.name],
        ["trainer", type(trainer).__name__],
        ["task groups", groups],
        ["optimizers", _optimizers(experiment)],
        ["precision", experiment.config.precision],
    ]


def _optimizers(experiment: Experiment) -> str:
    count = len(_unique_optimizers(experiment.trainer))
    return f"{count} x {experiment.config.optimizer['name']}"


def _unique_optimizers(trainer: Any) -> list[Any]:
    found = {id(one): one for one in trainer.optimizers.values()}
    return list(found.values())


def _tasks(experiment: Experiment) -> list[list[str]]:
    from keras_mtl.cli.output import counted

    trainer, outputs = experiment.trainer, experiment.model.output
    metrics = trainer.task_metrics
    own = _own_parameters(experiment)
    return [
        [
            name,
            experiment.data.tasks[name].kind,
            str(tuple(outputs[name].shape[1:])),
            _loss_name(trainer.task_losses[name]),
            ", ".join(metric.name for metric in metrics.get(name, ())),
            counted(own[name]),
        ]
        for name in trainer.tasks
    ]


def _loss_name(task_loss: Any) -> str:
    loss = getattr(task_loss, "loss", task_loss)
    return str(getattr(loss, "name", getattr(loss, "__name__", loss)))


def _own_parameters(experiment: Experiment) -> dict[str, int]:
    found = experiment.trainer.split.task_variables
    return {
        name: _size(found.get(name, ())) for name in experiment.trainer.tasks
    }


def _size(variables: Any) -> int:
    import math

    return sum(math.prod(variable.shape) for variable in variables)


def _bytes(variables: Any) -> int:
    return sum(_size([one]) * _width(one.dtype) for one in variables)


def _width(dtype: str) -> int:
    """Bytes of one number."""
    import tensorflow as tf

    return int(tf.as_dtype(dtype).size)


def _memory(experiment: Experiment) -> list[list[str]]:
    model, trainer = experiment.model, experiment.trainer
    slots = [
        variable
        for optimizer in _unique_optimizers(trainer)
        for variable in optimizer.variables
    ]
    parts = {
        "shared by two tasks or more": trainer.split.shared_variables,
        "of one task alone": [
            variable
            for found in trainer.split.task_variables.values()
            for variable in found
        ],
        "not trained": model.non_trainable_variables,
        "optimizers": slots,
    }
    from keras_mtl.cli.output import byte_size, counted

    return [
        [name, counted(_size(found)), byte_size(_bytes(found))]
        for name, found in parts.items()
    ]


def _costs(experiment: Experiment) -> list[list[str]]:
    from keras_mtl.cli.cost import (
        forward_operations,
        step_times,
        waiting_share,
    )
    from keras_mtl.cli.output import counted

    times = step_times(experiment)
    waiting = waiting_share(experiment)
    size = experiment.data.batch_size
    summed = experiment.trainer.collectives.total
    devices = [["summed over devices", f"{summed:,} bytes a step"]]
    return [
        [
            "forward pass, one sample",
            f"{counted(forward_operations(experiment.model))} floating-point "
            "operations (a multiply-add is two; convolutions, matrix "
            "products, pooling, biases)",
        ],
        ["first training step", f"{times.first:.2f} s, with tracing"],
        ["training step", f"{times.train * 1e3:.1f} ms a batch of {size}"],
        ["waiting for data", f"{waiting:.0%} of the time of training"],
        ["evaluation step", f"{times.test * 1e3:.1f} ms a batch of {size}"],
        *(devices if summed else []),
    ]
