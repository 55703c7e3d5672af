"""From stored bytes to the floats a network sees."""

from __future__ import annotations

from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.typing import Tensor


@dataclass(frozen=True)
class Standardise:
    """`(pixel / maximum - mean) / std`, in float32.

    Args:
        maximum: The largest pixel value.
        mean: Mean of the pixels, as a fraction of the maximum.
        std: Their standard deviation, as a fraction of the maximum.
    """

    maximum: float = 255.0
    mean: float = 0.0
    std: float = 1.0

    def __call__(self, pixels: Tensor) -> Tensor:
        """Float32 tensor of the shape of `pixels` (uint8)."""
        scaled = tf.cast(pixels, tf.float32) / self.maximum
        return (scaled - self.mean) / self.std
