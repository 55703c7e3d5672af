"""Masks whose outline is a polygon in a text file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.errors import DataError
from keras_mtl.typing import Tensor


@dataclass(frozen=True)
class OutlineFiles:
    """One polygon a sample, filled: 1 inside, 0 outside.

    Args:
        paths: Text files with the corners, two numbers a line, in pixels of
            the image; an empty path stands for a missing one.
        size: Height and width of the masks.
        stored: Height and width of the image of each sample, in which the
            corners are.
        order: `"xy"` or `"yx"`: which number comes first.
    """

    paths: tuple[str, ...]
    size: tuple[int, int]
    stored: tuple[tuple[int, int], ...]
    order: str = "xy"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and one channel."""
        return (*self.size, 1)

    @property
    def dtype(self) -> str:
        """`"uint8"`."""
        return "uint8"

    def decode(self, path: Tensor) -> Tensor:
        """The mask of a file. See `Files.decode`."""
        stored = dict(zip(self.paths, self.stored, strict=True))

        def filled(name: Any) -> NDArray[np.uint8]:
            # Bytes in a graph, an array of bytes outside of it.
            plain = name if isinstance(name, bytes) else np.asarray(name).item()
            text = plain.decode()
            return self._filled(text, stored[text])

        mask = tf.numpy_function(filled, [path], tf.uint8, False)
        return tf.ensure_shape(mask, self.shape)

    def verify(self, index: int) -> None:
        """Reads one file. See `Files.verify`."""
        if self.paths[index]:
            self._filled(self.paths[index], self.stored[index])

    def take(self, index: Sequence[int]) -> OutlineFiles:
        """The outlines of some samples."""
        return dataclasses.replace(
            self,
            paths=tuple(self.paths[i] for i in index),
            stored=tuple(self.stored[i] for i in index),
        )

    def describe(self) -> dict[str, Any]:
        """Size, sizes of the images and order of the numbers."""
        described = dataclasses.asdict(self)
        del described["paths"]
        return described

    def _filled(self, path: str, stored: tuple[int, int]) -> NDArray[np.uint8]:
        from PIL import Image, ImageDraw

        if not path:
            return np.zeros(self.shape, np.uint8)
        corners = _corners(path, self.order == "yx")
        height, width = stored
        if (corners < -1).any() or (corners > (width, height)).any():
            raise DataError(
                f"{path} has a corner outside of its image, {width} pixels "
                f"wide and {height} high. Get the original file again."
            )
        mask = Image.new("L", (width, height))
        ImageDraw.Draw(mask).polygon(
            [(float(x), float(y)) for x, y in corners], fill=1
        )
        small = mask.resize(self.size[::-1], Image.Resampling.NEAREST)
        return np.asarray(small, np.uint8)[..., None]


def _corners(path: str, is_turned: bool) -> NDArray[np.float64]:
    """The corners, x before y: shape `(num_corners, 2)`."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.replace(",", " ").split() for line in file]
        corners = np.array([line for line in lines if line], np.float64)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} is no list of corners ({error}). Get the original file "
            "again."
        ) from error
    good = corners.ndim == 2 and corners.shape[1] == 2 and len(corners) >= 3
    if not good or not np.isfinite(corners).all():
        raise DataError(
            f"{path} must hold three corners or more, two numbers a line. Get "
            "the original file again."
        )
    return corners[:, ::-1] if is_turned else corners
