"""Whether each pixel is of some class, from an image of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.targets.class_map import read_classes
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor


@dataclass(frozen=True)
class ClassMask:
    """The labels of a `mask`: float32, shape `(height, width, 1)`.

    Args:
        spec: The task.
        field: Field of uint8 ids, shape `(batch, height, width, 1)`.
        table: The class of each of the 256 ids, from `id_table`.
        label: The class that is 1; all others are 0.
    """

    spec: TaskSpec
    field: str
    table: tuple[int, ...]
    label: int

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Mask and weights. See `Target`."""
        classes = read_classes(fields, self.field, self.table)
        mask = tf.cast(classes == self.label, tf.float32)
        return mask[..., None], tf.cast(classes >= 0, tf.float32)
