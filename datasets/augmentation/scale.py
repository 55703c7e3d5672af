"""Zooms."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from keras_mtl.datasets.augmentation.checks import numbers
from keras_mtl.datasets.augmentation.matrices import similarity
from keras_mtl.typing import Tensor


class Scale:
    """Cuts a window out at random and enlarges it to the size of the image.

    Depth is divided by the factor (a disparity multiplied): what is seen
    twice as large is half as far away. A factor below 1 makes the image
    smaller, on a black ground without labels.

    Args:
        factors: Factors above 0, each as likely; `[1, 1.2, 1.5]` by default,
            as in the code of MTAN.
        range: The lowest and the highest factor, in place of `factors`:
            any between them is as likely.
    """

    num_draws = 3

    def __init__(
        self,
        factors: Sequence[float] = (1.0, 1.2, 1.5),
        range: Sequence[float] | None = None,
    ) -> None:
        self.factors = numbers("scale.factors", factors, above=0)
        self.range = None
        if range is not None:
            self.range = numbers("scale.range", range, above=0, count=2)

    def matrix(self, draws: Tensor, size: tuple[int, int]) -> Tensor:
        """See `Geometric.matrix`."""
        step = 1.0 / self._factor(draws[:, 0])
        zero = tf.zeros_like(step)
        # Centres of pixels lie at whole numbers, edges half a pixel beside.
        dx, dy = (
            draws[:, 1 + axis] * side * (1.0 - step) + step / 2 - 0.5
            for axis, side in enumerate((size[1], size[0]))
        )
        return similarity(step, zero, zero, step, dx, dy)

    def _factor(self, draws: Tensor) -> Tensor:
        if self.range is not None:
            low, high = self.range
            return low + draws * (high - low)
        number = tf.cast(draws * len(self.factors), tf.int32)
        return tf.gather(tf.constant(self.factors, tf.float32), number)
