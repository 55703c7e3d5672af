"""Samples that are files: decoded, or taken from a cache, then labelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.datasets.augmentation.chain import Chain
from keras_mtl.datasets.files import cache
from keras_mtl.datasets.files.image_files import image_size
from keras_mtl.datasets.files.records import Records
from keras_mtl.datasets.random_numbers import fractions, key
from keras_mtl.datasets.standardise import Standardise
from keras_mtl.datasets.targets.target import Target
from keras_mtl.typing import Tensor

IMAGE = "image"
_DRAWS = "augmentation"
_LARGEST = {tf.uint8: 255.0, tf.uint16: 65535.0}


class FileSource:
    """Images in files, with labels in files and tables.

    Args:
        records: The samples. The field `image` is the input.
        targets: What makes the labels, one a task.
        standardise: Applied to pixels in [0, 1] (floats stay as stored).
        kept: `"none"`: every epoch decodes the files; `"memory"` or
            `"disk"`: they are decoded once, when they are needed first.
        folder: Where caches on disk are; see `cache.cache_folder`.
        name: Name of data set and split, for the cache.
        augment: What is done to images and labels at random, or `None`.
        seed: Seed of that, 0 or more.
    """

    def __init__(
        self,
        records: Records,
        targets: Sequence[Target],
        *,
        standardise: Standardise,
        kept: str = "none",
        folder: str | None = None,
        name: str = "data",
        augment: Chain | None = None,
        seed: int = 0,
    ) -> None:
        self.records = records
        self.targets = tuple(targets)
        self.standardise = standardise
        self.kept = kept
        self.folder = folder
        self.name = name
        self.augment = augment
        self._key = key(seed, "augmentation")
        self._stored: dict[str, Tensor] | None = None
        with tf.device("/CPU:0"):
            self._paths = {
                name: tf.constant(files.paths, tf.string)
                for name, files in records.files.items()
            }
            self._tables = {
                name: tf.constant(values)
                for name, values in records.tables.items()
            }

    @property
    def num_samples(self) -> int:
        """How many samples there are."""
        return len(self.records)

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels of an image."""
        return self.records.files[IMAGE].shape

    def labelled(self, task: str) -> NDArray[np.int64]:
        """The samples that have a label of a task, as far as tables tell."""
        (target,) = (t for t in self.targets if t.spec.name == task)
        known = getattr(target, "known", None)
        if known is None:
            return np.arange(self.num_samples)
        return np.flatnonzero(self.records.tables[known])

    def columns(self, epoch: Tensor) -> dict[str, Tensor]:
        """What the augmentations of every sample depend on."""
        if self.augment is None:
            return {}
        width = self.augment.num_draws
        return {_DRAWS: fractions(self.num_samples, width, self._key, epoch)}

    def samples(self, rows: Any, batch_size: int, whole: bool) -> Any:
        """See `SampleSource.samples`."""
        stored = self.stored()
        if stored is None:
            read = rows.unbatch().map(
                self._decoded, tf.data.AUTOTUNE, deterministic=True
            )
            batches = read.batch(batch_size, drop_remainder=whole)
        else:
            batches = rows.map(
                lambda index, columns: (_gather(stored, index), index, columns)
            )
        return batches.map(self._element, tf.data.AUTOTUNE, deterministic=True)

    def whole(self) -> FileSource:
        """The images in one piece, and as they are: nothing is augmented."""
        source = FileSource(
            self.records,
            self.targets,
            standardise=self.standardise,
            kept=self.kept,
            folder=self.folder,
            name=self.name,
        )
        source._stored = self._stored
        return source

    def stored_sizes(self) -> list[tuple[int, int]]:
        """Height and width of every image as it is stored, by its header.

        Raises:
            DataError: If a file is missing or no image.
        """
        return [image_size(path) for path in self.records.files[IMAGE].paths]

    def stored(self) -> dict[str, Tensor] | None:
        """The decoded files, if they are kept; decodes them if need be."""
        if self._stored is None and self.kept == "memory":
            self._stored = cache.in_memory(self.records)
        if self._stored is None and self.kept == "disk":
            folder = cache.cache_folder(self.folder)
            self._stored = cache.on_disk(self.records, folder, self.name)
        return self._stored

    def decoded(self, index: Tensor) -> dict[str, Tensor]:
        """Decodes the files of one sample, inside the graph.

        Args:
            index: Int scalar.

        Returns:
            Name of a field to its values, `(height, width, channels)`.
        """
        return {
            name: files.decode(tf.gather(self._paths[name], index))
            for name, files in self.records.files.items()
        }

    def verify(self) -> None:
        """Decodes every file.

        Raises:
            DataError: For the first that cannot be decoded.
        """
        self.records.verify()

    def _decoded(
        self, index: Tensor, columns: dict[str, Tensor]
    ) -> tuple[dict[str, Tensor], Tensor, dict[str, Tensor]]:
        return self.decoded(index), index, columns

    def _element(
        self,
        fields: dict[str, Tensor],
        index: Tensor,
        columns: dict[str, Tensor],
    ) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        paths = {f"path:{k}": v for k, v in _gather(self._paths, index).items()}
        fields = {**fields, **_gather(self._tables, index), **paths}
        labels, weights = {}, {}
        for target in self.targets:
            task = target.spec.name
            labels[task], weights[task] = target(fields)
        images = _unit(fields[IMAGE])
        if self.augment is not None:
            images, labels, weights = self.augment(
                images, labels, weights, columns[_DRAWS]
            )
        if self.standardise != Standardise(1.0):
            images = self.standardise(images)
        return images, labels, weights


def _unit(pixels: Tensor) -> Tensor:
    """Pixels in [0, 1]; floats as they are."""
    if pixels.dtype not in _LARGEST:
        return tf.cast(pixels, tf.float32)
    return tf.cast(pixels, tf.float32) / _LARGEST[pixels.dtype]


def _gather(values: Mapping[str, Tensor], index: Tensor) -> dict[str, Tensor]:
    return {name: tf.gather(value, index) for name, value in values.items()}
