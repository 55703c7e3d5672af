"""Labels that a table holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor


@dataclass(frozen=True)
class ColumnLabel:
    """The labels of a classification, of yes/no answers or a regression.

    Args:
        spec: The task.
        field: Field with the labels, clean.
        known: Field of bools, shape `(batch,)`: whether there is one.
    """

    spec: TaskSpec
    field: str
    known: str

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Labels and weights. See `Target`."""
        return fields[self.field], tf.cast(fields[self.known], tf.float32)
