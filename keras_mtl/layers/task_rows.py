"""What layers that are called with a task have in common."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import keras
from keras import ops

from keras_mtl.typing import Shape, Tensor


def check_num_tasks(num_tasks: Any) -> int:
    """Refuses a number of tasks that is none.

    Args:
        num_tasks: The number.

    Returns:
        The number as an integer.

    Raises:
        ValueError: If it is not an integer of at least 1.
    """
    is_count = isinstance(num_tasks, Integral)
    if not is_count or isinstance(num_tasks, bool) or num_tasks < 1:
        raise ValueError(
            "`num_tasks` must be an integer of at least 1. Received: "
            f"num_tasks={num_tasks!r}."
        )
    return int(num_tasks)


def check_task(task: Any, num_tasks: int) -> int | Tensor:
    """Reads the `task` that a layer was called with.

    Args:
        task: Integer, or integer tensor: a scalar, or one id per sample.
        num_tasks: Number of tasks.

    Returns:
        A Python integer, or a tensor of rank 0 or 1.

    Raises:
        ValueError: If it is no integer, of a higher rank, or, where its
            values are at hand, not among `0 ... num_tasks - 1`.
    """
    if isinstance(task, Integral) and not isinstance(task, bool):
        _check_range(int(task), int(task), num_tasks)
        return int(task)
    task = ops.convert_to_tensor(task)
    dtype = keras.backend.standardize_dtype(task.dtype)
    if not keras.backend.is_int_dtype(dtype) or len(task.shape) > 1:
        raise ValueError(
            "`task` must be an integer, or an integer tensor of shape () or "
            f"(batch,). Received: shape {tuple(task.shape)}, dtype {dtype}."
        )
    if hasattr(task, "numpy"):  # not inside a graph
        values = task.numpy()
        if values.size:
            _check_range(int(values.min()), int(values.max()), num_tasks)
    return task


def _check_range(least: int, most: int, num_tasks: int) -> None:
    if least < 0 or most >= num_tasks:
        bad = least if least < 0 else most
        raise ValueError(
            f"`task` must be in 0 ... {num_tasks - 1}, since the layer was "
            f"made for num_tasks={num_tasks}. Received: task={bad}."
        )


def pick(table: Tensor, task: int | Tensor) -> Tensor:
    """Rows of a table with one row per task.

    Args:
        table: Tensor of shape `(num_tasks, ...)`.
        task: What `check_task` returned.

    Returns:
        Tensor of shape `(...)`, or `(batch, ...)` for one id per sample. An
        id out of range, which only a graph lets through, stops the program
        on a CPU, and gives NaN where the device does not check.
    """
    if isinstance(task, int):
        return table[task]
    size = table.shape[0]
    valid = ops.logical_and(task >= 0, task < size)
    # Not a negative index, which would count from the end.
    rows = ops.take(table, ops.where(valid, task, size), axis=0)
    if not keras.backend.is_float_dtype(
        keras.backend.standardize_dtype(rows.dtype)
    ):
        return rows
    shape = (-1, *[1] * (len(table.shape) - 1)) if len(task.shape) else ()
    missing = ops.cast(float("nan"), rows.dtype)
    return ops.where(ops.reshape(valid, shape), rows, missing)


def spread(rows: Tensor, features: Tensor, axis: int) -> Tensor:
    """Gives rows of channels the axes of features, to multiply them.

    Args:
        rows: Tensor of shape `(channels,)` or `(batch, channels)`.
        features: Tensor of shape `(batch, ..., channels)`.
        axis: Axis of the channels in `features`.

    Returns:
        Tensor that broadcasts against `features`.
    """
    shape = [1] * len(features.shape)
    shape[axis] = rows.shape[-1]
    if len(rows.shape) == 2:
        shape[0] = -1
    return ops.reshape(rows, shape)


def channels_of(shape: Shape, axis: int, layer: Any) -> int:
    """The number of channels of the features a layer is built for.

    Args:
        shape: Shape of the features.
        axis: Axis of the channels.
        layer: The layer, for the message.

    Returns:
        Number of channels.

    Raises:
        ValueError: If it is not known.
    """
    channels = shape[axis] if len(shape) > 1 else None
    if channels is None:
        raise ValueError(
            f"{type(layer).__name__} {layer.name!r} needs features of shape "
            "(batch, ..., channels) with a known number of channels on axis "
            f"{axis}. Received: shape {tuple(shape)}."
        )
    return int(channels)
