"""Colours."""

from __future__ import annotations

import math

import tensorflow as tf

from keras_mtl.datasets.augmentation.checks import fraction
from keras_mtl.typing import Tensor

# Luma and chroma of NTSC (YIQ), in which a hue is an angle.
_TO_YIQ = (
    (0.299, 0.587, 0.114),
    (0.595716, -0.274453, -0.321263),
    (0.211456, -0.522591, 0.311135),
)


class Colour:
    """Changes brightness, contrast, saturation and hue of the image alone.

    Args:
        brightness: At most so much is added or taken off, in [0, 1].
        contrast: Differences from the mean change by at most this share.
        saturation: Differences from grey change by at most this share.
        hue: Colours turn by at most this share of the circle.
    """

    num_draws = 4

    def __init__(
        self,
        brightness: float = 0.2,
        contrast: float = 0.2,
        saturation: float = 0.2,
        hue: float = 0.0,
    ) -> None:
        self.brightness = fraction("colour.brightness", brightness)
        self.contrast = fraction("colour.contrast", contrast)
        self.saturation = fraction("colour.saturation", saturation)
        self.hue = fraction("colour.hue", hue)

    def pixels(self, images: Tensor, draws: Tensor) -> Tensor:
        """See `Photometric.pixels`."""
        signed = (2 * draws - 1)[:, :, None, None, None]
        mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
        images = mean + (images - mean) * (1 + self.contrast * signed[:, 1])
        images += self.brightness * signed[:, 0]
        if images.shape[-1] == 3:
            images = self._chroma(images, signed[:, 2], draws[:, 3])
        return tf.clip_by_value(images, 0.0, 1.0)

    def _chroma(
        self, images: Tensor, saturation: Tensor, draws: Tensor
    ) -> Tensor:
        to_yiq = tf.constant(_TO_YIQ)
        yiq = tf.einsum("bhwc,dc->bhwd", images, to_yiq)
        angle = (2 * draws - 1) * self.hue * 2 * math.pi
        cos, sin = tf.cos(angle), tf.sin(angle)
        turn = tf.reshape(tf.stack([cos, -sin, sin, cos], 1), [-1, 2, 2])
        chroma = tf.einsum("bhwc,bdc->bhwd", yiq[..., 1:], turn)
        chroma *= 1 + self.saturation * saturation
        yiq = tf.concat([yiq[..., :1], chroma], axis=-1)
        return tf.einsum("bhwc,dc->bhwd", yiq, tf.linalg.inv(to_yiq))
