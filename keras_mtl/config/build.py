"""Builds the data, network and trainer that a configuration asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from keras_mtl.config.builder import Builder
from keras_mtl.config.devices import strategy_scope
from keras_mtl.config.experiment import Experiment
from keras_mtl.config.loading import Loaded
from keras_mtl.config.registry import suggestion, target
from keras_mtl.config.schema import RunConfig
from keras_mtl.config.task_settings import EVERY, said
from keras_mtl.config.transfer import Transfer
from keras_mtl.graph import partition
from keras_mtl.models.kinds import is_dense
from keras_mtl.pipelines import Pipeline


def build(loaded: Loaded) -> Experiment:
    """Builds everything that a run needs.

    Seeds Python, NumPy and Keras, and sets the dtype policy of Keras, for
    the whole process.

    Args:
        loaded: A checked configuration.

    Returns:
        Data, network and compiled trainer.

    Raises:
        ConfigError: If the parts do not fit each other, or one of them
            refuses its options. Names the key and where it was written.
        DataError: If data is missing or unreadable.
        OfflineError: If data or weights had to be downloaded and could not be.
    """
    config = loaded.config
    keras.utils.set_random_seed(config.seed)
    set_precision(config.precision)
    builder = Builder(loaded)
    data = builder.data(config.data)
    _check_task_names(config, data, builder)
    transfer = Transfer(config, data, builder)
    with strategy_scope(config.distribute):
        model = build_model(config, data, builder, transfer.start)
        transfer.finish(model)
        trainer = builder.component(
            "trainers",
            config.trainer,
            ("trainer",),
            model=model,
            telemetry=config.fit.telemetry,
        )
        _compile(trainer, config, data, builder, transfer)
    batches = data.validation or data.test or data.train.plain()
    callbacks = tuple(
        builder.component(
            "callbacks", callback, ("callbacks", index), batches=batches
        )
        for index, callback in enumerate(config.callbacks)
    )
    callbacks = (*transfer.callbacks(), *callbacks)
    pipeline = _pipeline(config, data, builder)
    return Experiment(
        config, data, model, trainer, callbacks, transfer, pipeline
    )


def _pipeline(
    config: RunConfig, data: Any, builder: Builder
) -> Pipeline | None:
    if config.pipeline is None:
        return None
    pipeline: Pipeline = builder.component(
        "pipelines", config.pipeline, ("pipeline",)
    )
    with builder.blaming(("pipeline",)):
        pipeline.check(data.tasks)
    return pipeline


def set_precision(precision: str) -> None:
    """Sets the dtype policy of Keras, and the dtype of what has no policy.

    Args:
        precision: `"float32"`, `"float64"` or a mixed policy.
    """
    keras.config.set_dtype_policy(precision)
    is_double = precision == "float64"
    keras.config.set_floatx("float64" if is_double else "float32")


def build_model(
    config: RunConfig,
    data: Any,
    builder: Builder,
    prepare: Callable[[keras.Model], None] | None = None,
) -> keras.Model:
    """Builds the network and checks that it serves every task of the data.

    Args:
        config: The configuration.
        data: The data set: tasks and input shape.
        builder: Makes components.
        prepare: Called with the network before it is partitioned.

    Returns:
        The network, its filters shared out if the configuration says so.

    Raises:
        ConfigError: If its outputs are not the tasks.
    """
    path = ("model",)
    units = {name: spec.num_outputs for name, spec in data.tasks.items()}
    kinds = {name: spec.kind for name, spec in data.tasks.items()}
    model = builder.component(
        "models",
        config.model,
        path,
        tasks=units,
        input_shape=data.input_shape,
        kinds=kinds,
    )
    outputs = getattr(model, "output", None)
    if not isinstance(outputs, dict) or set(outputs) != set(units):
        names = sorted(outputs) if isinstance(outputs, dict) else type(outputs)
        raise builder.error(
            path,
            f"the network must have the outputs {sorted(units)}, the tasks "
            f"of {data.name!r}, as a dict. Received: {names}.",
        )
    _check_kinds(model, kinds, builder)
    if prepare is not None:
        prepare(model)
    return _partitioned(model, config, builder)


def _check_kinds(
    model: keras.Model, kinds: dict[str, str], builder: Builder
) -> None:
    """Maps for the tasks with maps as labels, vectors for the others."""
    for task, kind in kinds.items():
        shape = tuple(model.output[task].shape)
        if is_dense(kind) and len(shape) != 4:
            raise builder.error(
                ("model",),
                f"the task {task!r} ({kind}) needs an output for every "
                "pixel, shape (batch, height, width, units). Received: "
                f"{shape}. Choose a network with a decoder, such as 'unet'.",
            )
        if not is_dense(kind) and len(shape) > 2:
            raise builder.error(
                ("model",),
                f"the task {task!r} ({kind}) needs one vector a sample, "
                f"shape (batch, units). Received: {shape}. A builder that "
                "takes `kinds`, task to kind, is given them.",
            )


def _partitioned(
    model: keras.Model, config: RunConfig, builder: Builder
) -> keras.Model:
    if config.partition is None:
        return model
    options = config.partition.model_dump()
    if options["seed"] is None:
        options["seed"] = config.seed
    with builder.blaming(("partition",)):
        return partition(model, **options)


def monitored(data: Any, metrics: dict[str, list[Any]]) -> list[str]:
    """The names that `fit.monitor` may have.

    Args:
        data: The data set.
        metrics: Task to its metric objects.

    Returns:
        `loss`, `<task>_loss`, `<task>_<metric>` and, where there is a
        validation split, the same with `val_`.
    """
    names = ["loss"]
    for task, listed in metrics.items():
        names += [f"{task}_loss", *(f"{task}_{_logged(m)}" for m in listed)]
    if data.validation is not None:
        names += [f"val_{name}" for name in names]
    return names


def _compile(
    trainer: Any,
    config: RunConfig,
    data: Any,
    builder: Builder,
    transfer: Transfer,
) -> None:
    metrics = {
        name: _metrics(name, config, data, builder) for name in data.tasks
    }
    _check_monitor(config, monitored(data, metrics), builder)
    weights = {
        name: found.task.weight
        for name in data.tasks
        if (found := said(config, name, "weight")) is not None
        and found.task.weight is not None
    }
    with builder.blaming(("trainer",)):
        trainer.compile(
            optimizer=transfer.optimizer(
                builder.optimizer(config.optimizer), trainer.model
            ),
            loss={name: _loss(name, config, data, builder) for name in metrics},
            metrics=metrics,
            loss_weights=weights or None,
            steps_per_execution=config.fit.steps_per_execution,
            jit_compile=config.fit.jit_compile,
        )


def _loss(name: str, config: RunConfig, data: Any, builder: Builder) -> Any:
    found = said(config, name, "loss")
    if found is None or not found.task.loss:
        return data.tasks[name].default_loss()
    path = ("tasks", found.key, "loss")
    return builder.component("losses", found.task.loss, path)


def _metrics(
    name: str, config: RunConfig, data: Any, builder: Builder
) -> list[Any]:
    listed = said(config, name, "metrics")
    if listed is None:
        return list(data.tasks[name].default_metrics())
    path = ("tasks", listed.key, "metrics")
    found: dict[str, Any] = {}
    for index, metric in enumerate(listed.task.metrics):
        made = builder.component(
            "metrics",
            metric,
            (*path, index),
            name=_metric_name(metric),
            num_outputs=data.tasks[name].num_outputs,
        )
        if _logged(made) in found:
            raise builder.error(
                (*path, index),
                f"two metrics of task {name!r} would be logged as "
                f"{_logged(made)!r}. Leave one out.",
            )
        found[_logged(made)] = made
    return list(found.values())


def _logged(metric: Any) -> str:
    """The name of a metric in the logs."""
    return str(getattr(metric, "name", metric))


def _metric_name(metric: Any) -> str | None:
    """What a metric is called in the logs: its registered name.

    `None` for the metrics of this package, whose names tell their options.
    """
    is_own = target("metrics", metric["name"]).startswith("keras_mtl.metrics.")
    return None if is_own else str(metric["name"]).rpartition(":")[2]


def _check_task_names(config: RunConfig, data: Any, builder: Builder) -> None:
    for name in config.tasks:
        if name not in data.tasks and name != EVERY:
            raise builder.error(
                ("tasks", name),
                f"no such task: {data.name!r} has the tasks "
                f"{sorted(data.tasks)}.{suggestion(name, data.tasks)}",
                key=True,
            )


def _check_monitor(
    config: RunConfig, known: list[str], builder: Builder
) -> None:
    monitor = config.fit.monitor
    has_validation = any(name.startswith("val_") for name in known)
    if monitor in known or (monitor == "val_loss" and not has_validation):
        return
    raise builder.error(
        ("fit", "monitor"),
        f"expected one of {known}. Received: {monitor!r}."
        f"{suggestion(monitor, known)}",
    )
