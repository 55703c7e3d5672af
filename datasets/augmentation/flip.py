"""Mirror images."""

from __future__ import annotations

import tensorflow as tf

from keras_mtl.datasets.augmentation.checks import fraction
from keras_mtl.datasets.augmentation.matrices import similarity
from keras_mtl.typing import Tensor


class Flip:
    """Mirrors images, left to right and upside down.

    Surface normals change the sign of the component that is mirrored.

    Args:
        horizontal: Probability of left to right, in [0, 1].
        vertical: Probability of upside down, in [0, 1].
    """

    num_draws = 2

    def __init__(self, horizontal: float = 0.5, vertical: float = 0.0) -> None:
        self.horizontal = fraction("flip.horizontal", horizontal)
        self.vertical = fraction("flip.vertical", vertical)

    def matrix(self, draws: Tensor, size: tuple[int, int]) -> Tensor:
        """See `Geometric.matrix`."""
        x = tf.where(draws[:, 0] < self.horizontal, -1.0, 1.0)
        y = tf.where(draws[:, 1] < self.vertical, -1.0, 1.0)
        zero = tf.zeros_like(x)
        dx = tf.where(x < 0, float(size[1] - 1), 0.0)
        dy = tf.where(y < 0, float(size[0] - 1), 0.0)
        return similarity(x, zero, zero, y, dx, dy)
