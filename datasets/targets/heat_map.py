"""A point of each image, as a map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor


@dataclass(frozen=True)
class HeatMap:
    """The labels of a `heatmap`: an isotropic Gaussian whose peak is 1.

    Args:
        spec: The task, with one output.
        field: Field of points, shape `(batch, 2)`: row and column in pixels
            of the map, whose first pixel has its centre at 0.
        known: Field of bools, shape `(batch,)`: whether there is a point.
        size: Height and width.
        variance: In squared pixels, above 0.
    """

    spec: TaskSpec
    field: str
    known: str
    size: tuple[int, int]
    variance: float

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Maps and weights. See `Target`."""
        points = tf.cast(fields[self.field], tf.float32)
        height, width = self.size
        rows = tf.range(height, dtype=tf.float32)[None] - points[:, :1]
        columns = tf.range(width, dtype=tf.float32)[None] - points[:, 1:]
        # The Gaussian of a plane is the product of those of its axes.
        first, second = (
            tf.exp(-tf.square(gap) / (2 * self.variance))
            for gap in (rows, columns)
        )
        known = tf.cast(fields[self.known], tf.float32)[:, None, None]
        maps = first[:, :, None] * second[:, None, :] * known
        return maps[..., None], tf.ones_like(maps) * known
