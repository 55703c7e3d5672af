"""Two images on one canvas, put together as they are needed."""

from __future__ import annotations

import tensorflow as tf

from keras_mtl.datasets.canvas import Canvas
from keras_mtl.datasets.labelled_images import LabelledImages
from keras_mtl.datasets.random_numbers import key, uniform
from keras_mtl.datasets.standardise import Standardise
from keras_mtl.typing import Tensor


class TwoDigitSource:
    """Pairs of images: `left` at the upper left, `right` below it.

    The left digit of sample `i` is image `i` (modulo the number of images),
    the right one is its partner: any other image, each equally likely.

    Both placements of every image are drawn once, in uint8. A batch is then
    two gathers and a maximum, since the nearest-neighbour resize commutes
    with the maximum.

    Args:
        images: The single images and their labels.
        canvas: Where the digits go.
        standardise: How pixels become floats.
        seed: Seed of the partners.
        part: Name of the split, so that the splits draw different partners.
        fresh: Draw new partners every epoch.
        num_samples: Pairs in an epoch. Defaults to one an image.
    """

    def __init__(
        self,
        images: LabelledImages,
        *,
        canvas: Canvas,
        standardise: Standardise,
        seed: int,
        part: str,
        fresh: bool = False,
        num_samples: int | None = None,
    ) -> None:
        self.num_images = len(images)
        self._num_samples = num_samples or self.num_images
        self._shape = (canvas.size, canvas.size, 1)
        self.standardise = standardise
        self.fresh = fresh
        self._key = key(seed, f"partners of {part}")
        with tf.device("/CPU:0"):
            self._left = tf.constant(canvas.left(images.images))
            self._right = tf.constant(canvas.right(images.images))
            self._labels = tf.constant(images.labels, tf.int32)
            self._fixed = self._partners(tf.constant(0, tf.int64))

    @property
    def num_samples(self) -> int:
        """Pairs in an epoch."""
        return self._num_samples

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one image: `(size, size, 1)`."""
        return self._shape

    def columns(self, epoch: Tensor) -> dict[str, Tensor]:
        """The partner of every sample: int64, shape `(num_samples,)`."""
        partners = self._partners(epoch) if self.fresh else self._fixed
        return {"partner": partners}

    def batch(
        self, index: Tensor, columns: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Images `(batch, size, size, 1)` and the labels of both digits."""
        left, right = index % self.num_images, columns["partner"]
        pixels = tf.maximum(
            tf.gather(self._left, left), tf.gather(self._right, right)
        )
        image = tf.reshape(self.standardise(pixels), [-1, *self._shape])
        labels = {
            "left": tf.gather(self._labels, left),
            "right": tf.gather(self._labels, right),
        }
        return tf.ensure_shape(image, [*index.shape, *self._shape]), labels

    def _partners(self, epoch: Tensor) -> Tensor:
        """A uniformly drawn other image for every sample."""
        steps = uniform(
            self.num_samples, max(self.num_images - 1, 1), self._key, epoch
        )
        index = tf.range(self.num_samples, dtype=tf.int64)
        return (index + 1 + steps) % self.num_images
