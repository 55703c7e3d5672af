"""Labels of one task, checked, with the missing ones marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.errors import DataError


@dataclass(frozen=True)
class Labels:
    """Labels of one task.

    Args:
        values: Int32, shape `(num_samples,)`, for a classification; else
            float32, shape `(num_samples, num_outputs)`. 0 where missing.
        present: Bool, shape `(num_samples,)`: whether there is a label.
    """

    values: NDArray[Any]
    present: NDArray[np.bool_]


def clean_labels(
    where: str, task: TaskSpec, labels: Any, num_samples: int
) -> Labels:
    """Checks the labels of a task and marks the missing ones.

    Args:
        where: Data set and split, for messages.
        task: What is predicted.
        labels: Shape `(num_samples,)` or `(num_samples, num_outputs)`. NaN
            means missing; a sample with one missing output counts as
            missing.
        num_samples: How many there must be.

    Raises:
        DataError: If the shape or a value is not what the task says.
    """
    where = f"{where}, task {task.name!r}"
    width = 1 if task.kind == "classification" else task.num_outputs
    values = np.asarray(labels)
    if values.shape not in _shapes(num_samples, width):
        raise DataError(
            f"{where}: expected labels of shape {(num_samples, width)}. "
            f"Received: {values.shape}."
        )
    try:
        values = values.reshape(num_samples, width).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{where}: expected labels that are numbers ({error}). Replace "
            "names of classes by class ids, and missing labels by NaN."
        ) from error
    present = ~np.isnan(values).any(axis=1)
    values[~present] = 0
    _check_range(where, task, values)
    if task.kind == "classification":
        return Labels(values[:, 0].astype(np.int32), present)
    return Labels(values.astype(np.float32), present)


def _shapes(num_samples: int, width: int) -> tuple[tuple[int, ...], ...]:
    flat = (num_samples,)
    return (flat, (num_samples, 1)) if width == 1 else ((num_samples, width),)


def _check_range(
    where: str, task: TaskSpec, values: NDArray[np.float64]
) -> None:
    if task.kind == "classification":
        expected = f"a class id in 0..{task.num_outputs - 1}"
        good = (values >= 0) & (values < task.num_outputs)
        good &= values == np.floor(values)
    elif task.kind == "binary":
        expected, good = "0 or 1", (values == 0) | (values == 1)
    else:
        expected, good = "a finite number", np.isfinite(values)
    bad = np.argwhere(~good)
    if len(bad):
        row, column = bad[0]
        raise DataError(
            f"{where}: {len(bad)} label(s) are not {expected}; the first is "
            f"{values[row, column]:g}, of sample {row} (counted from 0). "
            "Correct it, or mark it as missing with NaN."
        )
