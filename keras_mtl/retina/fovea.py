"""Where the fovea is, from its heat map."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Fovea(NamedTuple):
    """A point in an image, or why there is none.

    Attributes:
        row: Pixels below the centre of the first pixel; NaN: undefined.
        column: Pixels to the right of it; NaN: undefined.
        reason: Why it is undefined; or `None`.
    """

    row: float
    column: float
    reason: str | None = None

    def resized(
        self, shape: tuple[int, int], new_shape: tuple[int, int]
    ) -> Fovea:
        """The same point after its image was resized.

        Args:
            shape: Height and width that the point was found in.
            new_shape: Height and width of the other image.

        Returns:
            The point in pixels of the other image. Corners stay corners, as
            in resizing: the first pixel's centre is half a pixel inside.
        """
        row = (self.row + 0.5) * new_shape[0] / shape[0] - 0.5
        column = (self.column + 0.5) * new_shape[1] / shape[1] - 0.5
        return Fovea(row, column, self.reason)


def fovea_location(heat_map: NDArray[Any], published: bool = False) -> Fovea:
    """The centre of mass of a heat map, its background removed.

    What is below the middle of the map's range is background, and a pixel
    above it weighs by how much it is.

    Args:
        heat_map: Floats, shape `(height, width)`.
        published: Take the centre of mass of the map as it is, as the thesis
            does. The background then pulls it to the middle of the image.

    Returns:
        The point, in pixels of the map. Undefined, with the reason, where the
        map is flat or not finite, or (published) its sum is not positive.

    Raises:
        ValueError: If the map has not two axes.

    Reference:
        L. Pascal, thesis, chapter 5.
    """
    masses = np.asarray(heat_map, np.float64)
    if masses.ndim != 2:
        raise ValueError(
            "`heat_map` must have shape (height, width). Received: "
            f"heat_map.shape={masses.shape}."
        )
    if not np.isfinite(masses).all():
        return _undefined("the heat map is not finite")
    if not published:
        if masses.max() == masses.min():
            return _undefined("the heat map is flat")
        middle = (masses.max() + masses.min()) / 2
        masses = np.maximum(masses - middle, 0)
    whole = masses.sum()
    if whole <= 0:
        return _undefined("the sum of the heat map is not positive")
    row = masses.sum(axis=1) @ np.arange(masses.shape[0]) / whole
    column = masses.sum(axis=0) @ np.arange(masses.shape[1]) / whole
    return Fovea(float(row), float(column))


def fovea_distance(label: Fovea, prediction: Fovea) -> float:
    """Euclidean distance of two points, in their pixels.

    Args:
        label: The annotated point.
        prediction: The predicted one, in the same image.

    Returns:
        Pixels; NaN where one of them is undefined.
    """
    return math.hypot(
        label.row - prediction.row, label.column - prediction.column
    )


def _undefined(reason: str) -> Fovea:
    return Fovea(math.nan, math.nan, reason)
