"""Surface normal of each pixel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor

# Far below 1 and above the rounding of the zero vector in an encoding of
# 8 bits: sqrt(3) / 255.
_SHORTEST = 0.1


@dataclass(frozen=True)
class NormalMap:
    """The labels of a `normals`: float32 unit vectors, `(height, width, 3)`.

    Args:
        spec: The task.
        field: Field of shape `(batch, height, width, 3)`: floats in [-1, 1],
            or bytes that encode them as `127.5 * (1 + n)`. The zero vector
            is missing.
    """

    spec: TaskSpec
    field: str

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Normals (0 where missing) and weights. See `Target`."""
        normals = fields[self.field]
        if normals.dtype == tf.uint8:
            normals = tf.cast(normals, tf.float32) / 127.5 - 1.0
        length = tf.norm(normals, axis=-1)
        known = length > _SHORTEST  # false for NaN
        unit = tf.math.divide_no_nan(normals, length[..., None])
        unit = tf.where(known[..., None], unit, 0.0)
        return unit, tf.cast(known, tf.float32)
