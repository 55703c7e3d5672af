"""Where the two images of a pair are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Canvas:
    """A square canvas with an image at the corner and one at an offset.

    Args:
        side: Side of the canvas in pixels, before the resize.
        offset: Row and column of the second image.
        size: Side after the nearest-neighbour resize. Pixel `i` of the
            result is pixel `floor((i + 1/2) * side / size)` of the canvas,
            the rule of `tf.image.resize(method="nearest")` and, up to
            rounding of ties, of Pillow.
    """

    side: int
    offset: tuple[int, int]
    size: int

    def left(self, images: NDArray[Any]) -> NDArray[Any]:
        """The images at (0, 0).

        Args:
            images: Shape `(num_images, height, width)`.

        Returns:
            Same dtype, shape `(num_images, size * size)`, 0 elsewhere.
        """
        return self._place(images, (0, 0))

    def right(self, images: NDArray[Any]) -> NDArray[Any]:
        """The images at `offset`. See `left`."""
        return self._place(images, self.offset)

    def _place(
        self, images: NDArray[Any], corner: tuple[int, int]
    ) -> NDArray[Any]:
        source = (2 * np.arange(self.size) + 1) * self.side // (2 * self.size)
        result = np.zeros((len(images), self.size, self.size), images.dtype)
        rows, columns = (source - start for start in corner)
        height, width = images.shape[1:]
        to_rows = np.flatnonzero((rows >= 0) & (rows < height))
        to_columns = np.flatnonzero((columns >= 0) & (columns < width))
        from_rows, from_columns = rows[to_rows], columns[to_columns]
        result[:, to_rows[:, None], to_columns] = images[
            :, from_rows[:, None], from_columns
        ]
        return result.reshape(len(images), -1)
