"""Reading what `compile` is given, per task."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtl.backend.phase import Phase
from keras_mtl.losses import TaskLoss

_STRATEGIES = ("MirroredStrategy", "OneDeviceStrategy")
# What TensorFlow calls a class that it exports by another name.
_EXPORTED = {"CollectiveAllReduceStrategy": "MultiWorkerMirroredStrategy"}
_ACCURACY = ("accuracy", "acc")


def check_tasks(name: str, given: Any, tasks: Sequence[str]) -> None:
    """Refuses names that are no task.

    Args:
        name: Name of the argument, for the message.
        given: Names to check.
        tasks: Names of the tasks.

    Raises:
        ValueError: If one is unknown; names the closest task.
    """
    for task in given:
        if task in tasks:
            continue
        close = difflib.get_close_matches(str(task), tasks, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(
            f"`{name}` names a task that the model does not have: {task!r}. "
            f"Expected names among {sorted(tasks)}.{hint}"
        )


def check_replicas(
    strategy: Any, phases: Sequence[Phase], jit_compile: bool | str
) -> None:
    """Refuses what cannot be trained by several replicas.

    Args:
        strategy: The `tf.distribute` strategy of a model.
        phases: What a step does.
        jit_compile: Whether to compile with XLA.

    Raises:
        ValueError: Says what, and what to use instead.
    """
    kind = type(strategy).__name__
    kind = _EXPORTED.get(kind, kind)
    if kind not in ("_DefaultDistributionStrategy", *_STRATEGIES):
        raise ValueError(
            "Trainers serve the strategies of one machine: expected one of "
            f"{list(_STRATEGIES)}. Received: {kind}, which Keras 3 does not "
            "support on TensorFlow. Use `MirroredStrategy` over the devices "
            "of one machine, and one run per machine for several seeds."
        )
    if strategy.num_replicas_in_sync == 1:
        return
    if jit_compile is True:
        raise ValueError(
            f"{kind} cannot be compiled with XLA. Received: jit_compile=True. "
            "Use jit_compile='auto', or one device."
        )
    for phase in phases:
        _check_replicated(phase)


def _check_replicated(phase: Phase) -> None:
    inner = getattr(phase.optimizer, "inner_optimizer", phase.optimizer)
    if inner.gradient_accumulation_steps or inner.ema_overwrite_frequency:
        raise ValueError(
            "Optimizers that update on some steps only cannot be run by "
            "several replicas. Received: gradient_accumulation_steps="
            f"{inner.gradient_accumulation_steps}, ema_overwrite_frequency="
            f"{inner.ema_overwrite_frequency}. Leave them out, or use one "
            "device."
        )
    method = phase.aggregator
    if phase.split is None or (
        method.reads == "gram" and not method.transforms
    ):
        return
    raise ValueError(
        f"{type(method).__name__} looks at single samples with "
        "gradients='representation', but each replica has samples of its "
        "own. Use gradients='weights', or one device."
    )


def per_task_losses(
    loss: Any, tasks: Sequence[str], dtype: str
) -> dict[str, TaskLoss]:
    """One loss per task.

    Args:
        loss: Task to loss, or one loss for all tasks.
        tasks: Names of the tasks.
        dtype: Dtype of the loss values.

    Returns:
        Task to its reduced loss.

    Raises:
        ValueError: If a task has no loss, or a loss no task.
    """
    if isinstance(loss, Mapping):
        check_tasks("loss", loss, tasks)
        missing = sorted(set(tasks) - set(loss))
        if missing:
            raise ValueError(
                f"Every task needs a loss. Missing: {missing}. Received "
                f"losses for: {sorted(loss)}. Give one in `compile(loss={{"
                "task: loss, ...})`, or leave the output out of the model."
            )
        return {task: TaskLoss(loss[task], task, dtype) for task in tasks}
    if loss is None:
        raise ValueError(
            "`compile` needs `loss`: a dict with one loss for each of the "
            f"tasks {sorted(tasks)}, or one loss for all. Received: loss=None."
        )
    return {task: TaskLoss(loss, task, dtype) for task in tasks}


def per_task_metrics(
    name: str, metrics: Any, losses: Mapping[str, TaskLoss]
) -> dict[str, list[keras.metrics.Metric]]:
    """A list of metric objects per task.

    Args:
        name: `"metrics"` or `"weighted_metrics"`, for messages.
        metrics: Task to a metric or a list of metrics; or a list of names for
            all tasks. `"accuracy"` becomes the accuracy that fits the loss.
        losses: Task to its loss.

    Returns:
        Task to metric objects.

    Raises:
        ValueError: If a task or a metric is unknown, or a metric object
            would have to serve several tasks.
    """
    if metrics is None:
        return {}
    if not isinstance(metrics, Mapping):
        metrics = {task: _shareable(name, metrics) for task in losses}
    check_tasks(name, metrics, list(losses))
    return {
        task: [resolve_metric(m, losses[task]) for m in _listed(metrics[task])]
        for task in sorted(metrics)
    }


def _listed(metrics: Any) -> list[Any]:
    if metrics is None:
        return []
    if isinstance(metrics, (list, tuple)):
        return list(metrics)
    return [metrics]


def _shareable(name: str, metrics: Any) -> list[Any]:
    listed = _listed(metrics)
    for metric in listed:
        if isinstance(metric, keras.metrics.Metric):
            raise ValueError(
                f"A metric object keeps the state of one task. Received it "
                f"for all tasks: {metric.name!r} in `{name}`. Give a dict "
                f"`{name}={{task: [...]}}`, or the metric's name."
            )
    return listed


def resolve_metric(metric: Any, loss: TaskLoss) -> keras.metrics.Metric:
    """A metric object from an object, a name or a function.

    Args:
        metric: What the user gave.
        loss: The task's loss; decides which accuracy `"accuracy"` means.

    Returns:
        A metric object.

    Raises:
        ValueError: If Keras knows no such metric.
    """
    if isinstance(metric, str) and metric in _ACCURACY:
        return _accuracy(metric, loss.loss)
    try:
        found = keras.metrics.get(metric)
    except ValueError as error:
        raise ValueError(
            f"The metric {metric!r} of task {loss.task!r} is not one that "
            "Keras knows. Give the name of one of `keras.metrics`, a "
            "`keras.metrics.Metric`, or a function of (y_true, y_pred)."
        ) from error
    if isinstance(found, type):
        found = found()
    if isinstance(found, keras.metrics.Metric):
        if isinstance(metric, str):
            found.name = metric  # as Keras does
        return found
    label = metric if isinstance(metric, str) else found.__name__
    return keras.metrics.MeanMetricWrapper(found, name=label)


def _accuracy(name: str, loss: Any) -> keras.metrics.Metric:
    """The accuracy that fits a loss; logits are thresholded at 0."""
    kind = getattr(loss, "name", getattr(loss, "__name__", ""))
    if kind.startswith("sparse_categorical"):
        return keras.metrics.SparseCategoricalAccuracy(name=name)
    if kind.startswith(("categorical", "kl_")):
        return keras.metrics.CategoricalAccuracy(name=name)
    if kind.startswith(("binary", "hinge", "squared_hinge")):
        config = loss.get_config() if hasattr(loss, "get_config") else {}
        threshold = 0.0 if config.get("from_logits", False) else 0.5
        return keras.metrics.BinaryAccuracy(name=name, threshold=threshold)
    raise ValueError(
        f"'accuracy' does not tell which accuracy fits the loss {kind!r}. "
        "Give a metric object, for example "
        "`keras.metrics.SparseCategoricalAccuracy()`."
    )
