"""Turns."""

from __future__ import annotations

import math

import tensorflow as tf

from keras_mtl.datasets.augmentation.checks import number
from keras_mtl.datasets.augmentation.matrices import similarity
from keras_mtl.typing import Tensor


class Rotation:
    """Turns images about their centre; the corners become black, unlabelled.

    Surface normals are turned likewise.

    Args:
        degrees: The largest angle, in (0, 180]; any between minus and plus
            that is as likely.
    """

    num_draws = 1

    def __init__(self, degrees: float = 10.0) -> None:
        self.degrees = number("rotation.degrees", degrees, 0, 180)

    def matrix(self, draws: Tensor, size: tuple[int, int]) -> Tensor:
        """See `Geometric.matrix`."""
        angle = (2 * draws[:, 0] - 1) * math.radians(self.degrees)
        cos, sin = tf.cos(angle), tf.sin(angle)
        x, y = (size[1] - 1) / 2, (size[0] - 1) / 2
        dx, dy = x - cos * x + sin * y, y - sin * x - cos * y
        return similarity(cos, -sin, sin, cos, dx, dy)
