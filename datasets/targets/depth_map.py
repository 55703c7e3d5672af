"""Depth of each pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor


@dataclass(frozen=True)
class DepthMap:
    """The labels of a `depth`: float32, shape `(height, width, 1)`.

    `(value - offset) * scale`; missing where that is not above 0, or the
    value is not finite.

    Args:
        spec: The task.
        field: Field of shape `(batch, height, width, 1)`.
        scale: Units of the label in one unit of the file.
        offset: Value of the file that means 0.
        inverse: Whether it is a disparity: a zoom multiplies it.
    """

    spec: TaskSpec
    field: str
    scale: float = 1.0
    offset: float = 0.0
    inverse: bool = False

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Depth (0 where missing) and weights. See `Target`."""
        depth = tf.cast(fields[self.field], tf.float32)
        depth = (depth - self.offset) * self.scale
        known = tf.math.is_finite(depth) & (depth > 0)
        return tf.where(known, depth, 0.0), tf.cast(known[..., 0], tf.float32)
