"""Windows cut out of images at random, for training."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.datasets.files.file_source import FileSource
from keras_mtl.datasets.random_numbers import fractions, key
from keras_mtl.typing import Tensor

_WHERE = "crop"


class RandomCrops(FileSource):
    """Windows of images, drawn anew each epoch.

    Args:
        *args: Of `FileSource`.
        crop: Height and width of a window, within those of the images.
        per_image: Windows of each image in an epoch, 1 or more.
        seed: Seed of where they are, 0 or more.
        **kwargs: Of `FileSource`.
    """

    def __init__(
        self,
        *args: Any,
        crop: tuple[int, int],
        per_image: int = 1,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, seed=seed, **kwargs)
        self.crop = crop
        self.per_image = per_image
        self._crop_key = key(seed, "crops")

    @property
    def num_samples(self) -> int:
        """How many windows an epoch has."""
        return len(self.records) * self.per_image

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels of a window."""
        return (*self.crop, super().shape[-1])

    def labelled(self, task: str) -> NDArray[np.int64]:
        """The windows of the images that have a label of a task."""
        images = super().labelled(task)[:, None] * self.per_image
        windows: NDArray[np.int64] = images + np.arange(self.per_image)
        return np.unique(windows[windows < self.num_samples])

    def columns(self, epoch: Tensor) -> dict[str, Tensor]:
        """Where the windows are, and what augmentations depend on."""
        drawn = fractions(self.num_samples, 2, self._crop_key, epoch)
        return {**super().columns(epoch), _WHERE: drawn}

    def samples(self, rows: Any, batch_size: int, whole: bool) -> Any:
        """See `SampleSource.samples`."""
        self.stored()  # outside of the graph
        windows = rows.unbatch().map(
            self._window, tf.data.AUTOTUNE, deterministic=True
        )
        batches = windows.batch(batch_size, drop_remainder=whole)
        return batches.map(self._element, tf.data.AUTOTUNE, deterministic=True)

    def _window(
        self, index: Tensor, columns: dict[str, Tensor]
    ) -> tuple[dict[str, Tensor], Tensor, dict[str, Tensor]]:
        image = index // self.per_image
        rest = {name: v for name, v in columns.items() if name != _WHERE}
        fields = image_fields(self, image)
        sides = self.records.files["image"].shape[:2]
        room = tf.constant(
            [s - c for s, c in zip(sides, self.crop, strict=True)]
        )
        drawn = columns[_WHERE] * tf.cast(room + 1, tf.float32)
        start = tf.minimum(tf.cast(drawn, tf.int32), room)
        return cut(fields, start, self.crop), image, rest


def image_fields(source: FileSource, image: Tensor) -> dict[str, Tensor]:
    """All that is decoded of an image, from a cache if there is one.

    Args:
        source: Where it comes from.
        image: Its number, int scalar.
    """
    stored = source.stored()
    if stored is None:
        return source.decoded(image)
    return {name: tf.gather(values, image) for name, values in stored.items()}


def cut(
    fields: dict[str, Tensor], start: Tensor, size: tuple[int, int]
) -> dict[str, Tensor]:
    """Cuts a window out of all fields.

    Args:
        fields: Shape `(height, width, channels)`.
        start: Int, shape `(2,)`: first row and column.
        size: Height and width of the window.
    """
    return {
        name: tf.ensure_shape(
            values[
                start[0] : start[0] + size[0], start[1] : start[1] + size[1]
            ],
            [*size, values.shape[-1]],
        )
        for name, values in fields.items()
    }
