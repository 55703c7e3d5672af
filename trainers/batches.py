"""Reading what `fit` hands to a step."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import keras
from keras import ops

from keras_mtl.aggregators.base import state_dtype
from keras_mtl.backend.phase import Batch
from keras_mtl.graph import Split
from keras_mtl.trainers.compilation import check_tasks
from keras_mtl.typing import Tensors


def make_batch(
    data: Any, tasks: Sequence[str], input_names: Collection[str] = ()
) -> Batch:
    """A batch by task name.

    Args:
        data: `x`, `(x, y)` or `(x, y, sample_weight)`. `x` is what the model
            takes, or a dict, task to that, where each task has samples of
            its own; the numbers of samples may differ. `y` maps task to
            labels; a task that is missing, or `None`, has no label in this
            batch. `sample_weight` maps task to weights of shape `(batch,)` or
            of the label's leading axes, zero where there is no label; one
            tensor serves all tasks.
        tasks: Names of the tasks.
        input_names: Names of the model's inputs: a dict with these keys is
            no dict of tasks.

    Returns:
        The batch.

    Raises:
        ValueError: If there are no labels, a name is no task, or a task has
            labels without inputs.
    """
    inputs, labels, weights = keras.utils.unpack_x_y_sample_weight(data)
    if labels is not None and not isinstance(labels, Mapping):
        labels = _only_task(labels, tasks)
    if not labels:
        raise ValueError(
            "Training and evaluation need labels: expected elements (x, y) "
            f"or (x, y, sample_weight) with `y` a dict over {sorted(tasks)}. "
            f"Received: y={labels!r}."
        )
    check_tasks("y", labels, tasks)
    if weights is None or not isinstance(weights, Mapping):
        weights = dict.fromkeys(tasks, weights)
    check_tasks("sample_weight", weights, tasks)
    known = {task: y for task, y in labels.items() if y is not None}
    per_task = _has_tasks(inputs, tasks, input_names)
    if per_task:
        _check_inputs(inputs, known)
    return Batch(
        inputs,
        known,
        {task: _float(weights.get(task)) for task in known},
        per_task=per_task,
    )


def outputs_of(whole: Split, batch: Batch) -> Tensors:
    """Outputs for evaluation.

    Args:
        whole: Split of the whole model.
        batch: The batch.

    Returns:
        Task to output; of the tasks that have inputs, where each has its own.
    """
    if not batch.per_task:
        return whole.model(batch.inputs, training=False)  # type: ignore[no-any-return]
    return {
        task: whole.forward((task,))(batch.inputs_for((task,)), training=False)[
            task
        ]
        for task in batch.labels
    }


def input_names(model: keras.Model) -> set[str]:
    """Names of the inputs of a model, where they are known."""
    return {tensor.name for tensor in getattr(model, "inputs", None) or ()}


def _has_tasks(
    inputs: Any, tasks: Sequence[str], input_names: Collection[str]
) -> bool:
    """Whether the inputs are a dict over tasks."""
    if not isinstance(inputs, Mapping) or not inputs:
        return False
    return set(inputs) <= set(tasks) and not set(inputs) <= set(input_names)


def _check_inputs(inputs: Mapping[str, Any], labels: Mapping[str, Any]) -> None:
    missing = sorted(set(labels) - set(inputs))
    if missing:
        raise ValueError(
            "Where each task has inputs of its own, `x` must hold every task "
            f"that `y` has labels for. Missing in `x`: {missing}. Received: "
            f"x for {sorted(inputs)}, y for {sorted(labels)}."
        )


def _only_task(labels: Any, tasks: Sequence[str]) -> dict[str, Any]:
    if len(tasks) == 1:
        return {tasks[0]: labels}
    raise ValueError(
        f"`y` must be a dict with labels of the tasks {sorted(tasks)}, so "
        f"that none is taken for another. Received: {type(labels).__name__}."
    )


def _float(weight: Any) -> Any:
    return None if weight is None else ops.cast(weight, state_dtype())
