"""Whole images in overlapping tiles, for evaluation."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.datasets.files.file_source import FileSource
from keras_mtl.datasets.fundus.random_crops import cut, image_fields
from keras_mtl.typing import Tensor

_COUNTED = "counted"


class Tiles(FileSource):
    """Tiles that cover the images; every pixel counts once.

    Where tiles overlap, a pixel has weight 1 in the tile whose middle is
    nearer, and 0 in the others: what is near an edge is judged by the tile
    that sees what is around it.

    Args:
        *args: Of `FileSource`.
        crop: Height and width of a tile, within those of the images.
        overlap: Pixels that neighbours share at least, less than a tile.
        **kwargs: Of `FileSource`.
    """

    def __init__(
        self,
        *args: Any,
        crop: tuple[int, int],
        overlap: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.crop = crop
        sides = self.records.files["image"].shape[:2]
        axes = [
            tile_axis(side, length, overlap)
            for side, length in zip(sides, crop, strict=True)
        ]
        self._grid = np.array(
            [(*row, *column) for row in axes[0] for column in axes[1]],
            np.int32,
        )

    @property
    def num_samples(self) -> int:
        """How many tiles all images have."""
        return len(self.records) * len(self._grid)

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels of a tile."""
        return (*self.crop, super().shape[-1])

    def labelled(self, task: str) -> NDArray[np.int64]:
        """All tiles: weights say what is labelled."""
        return np.arange(self.num_samples)

    def samples(self, rows: Any, batch_size: int, whole: bool) -> Any:
        """All tiles in order, whatever `rows`: an image is decoded once."""
        self.stored()  # outside of the graph
        images = tf.data.Dataset.range(len(self.records)).map(
            lambda image: (image_fields(self, image), image),
            tf.data.AUTOTUNE,
            deterministic=True,
        )
        tiles = images.flat_map(self._tiles)
        batches = tiles.batch(batch_size, drop_remainder=whole)
        return batches.map(self._counted, tf.data.AUTOTUNE, deterministic=True)

    def _tiles(self, fields: dict[str, Tensor], image: Tensor) -> Any:
        grid = tf.data.Dataset.from_tensor_slices(self._grid)

        def tile(place: Tensor) -> Any:
            window = cut(fields, place[0::3], self.crop)
            inside = [
                (tf.range(length) >= place[1 + 3 * axis] - place[3 * axis])
                & (tf.range(length) < place[2 + 3 * axis] - place[3 * axis])
                for axis, length in enumerate(self.crop)
            ]
            counted = inside[0][:, None] & inside[1][None]
            return window, image, {_COUNTED: tf.cast(counted, tf.float32)}

        return grid.map(tile)

    def _counted(
        self,
        fields: dict[str, Tensor],
        index: Tensor,
        columns: dict[str, Tensor],
    ) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        images, labels, weights = self._element(fields, index, columns)
        counted = columns[_COUNTED]
        return images, labels, {k: v * counted for k, v in weights.items()}


def tile_axis(
    side: int, length: int, overlap: int
) -> list[tuple[int, int, int]]:
    """Tiles along one axis.

    Args:
        side: Pixels of the image.
        length: Pixels of a tile, at most `side`.
        overlap: Pixels that neighbours share at least, less than `length`.

    Returns:
        For each tile its first pixel, then the first and the end (exclusive)
        of the pixels that count in it: they follow each other without a gap.
    """
    number = -(-(side - overlap) // (length - overlap))
    last = side - length
    starts = [round(i * last / max(number - 1, 1)) for i in range(number)]
    cuts = [
        (left + length + right) // 2
        for left, right in itertools.pairwise(starts)
    ]
    return list(zip(starts, [0, *cuts], [*cuts, side], strict=True))
