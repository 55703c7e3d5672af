"""Shifts."""

from __future__ import annotations

import tensorflow as tf

from keras_mtl.datasets.augmentation.matrices import similarity
from keras_mtl.datasets.options import integer
from keras_mtl.typing import Tensor


class Crop:
    """Pads images with black and cuts a window of their size out at random.

    Args:
        padding: Pixels added on each side, 1 or more. What comes from there
            has no label.
    """

    num_draws = 2

    def __init__(self, padding: int = 4) -> None:
        self.padding = integer("augmentation.crop.padding", padding, 1)

    def matrix(self, draws: Tensor, size: tuple[int, int]) -> Tensor:
        """See `Geometric.matrix`."""
        shift = tf.floor(draws * (2 * self.padding + 1)) - self.padding
        one, zero = tf.ones_like(draws[:, 0]), tf.zeros_like(draws[:, 0])
        return similarity(one, zero, zero, one, shift[:, 0], shift[:, 1])
