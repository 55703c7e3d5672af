"""Large images in overlapping tiles, blended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Maps = dict[str, NDArray[np.float32]]


class Axis(NamedTuple):
    """Tiles along one axis of an image.

    Attributes:
        length: Pixels of a tile.
        starts: First pixel of each tile, ascending.
        weights: Shape `(num_tiles, length)`, float32: what each pixel of a
            tile counts. All tiles together, each pixel counts 1.
    """

    length: int
    starts: tuple[int, ...]
    weights: NDArray[np.float32]


def tile_axis(
    side: int, longest: int, overlap: int = 32, multiple: int = 1
) -> Axis:
    """Covers one axis with as few and as short tiles as it takes.

    Args:
        side: Pixels of the image.
        longest: Pixels of the longest tile; a multiple of `multiple`.
        overlap: Pixels that neighbours share at least, less than `longest`.
        multiple: What the length of a tile must be a multiple of.

    Returns:
        The tiles. A tile may be longer than the image.

    Raises:
        ValueError: If a number is out of its range.

    Example:
        >>> tile_axis(100, 64, overlap=8)[:2]
        (54, (0, 46))
    """
    if not (side > 0 and 0 <= overlap < longest and longest % multiple == 0):
        raise ValueError(
            "Expected `longest` to be a multiple of `multiple` and larger "
            f"than `overlap`. Received: side={side}, longest={longest}, "
            f"overlap={overlap}, multiple={multiple}."
        )
    number = max(-(-(side - overlap) // (longest - overlap)), 1)
    shared = side + (number - 1) * overlap
    length = -(-shared // (number * multiple)) * multiple
    last = max(side - length, 0)
    starts = tuple(round(i * last / max(number - 1, 1)) for i in range(number))
    return Axis(length, starts, _weights(starts, length, overlap))


def blended(
    predict: Callable[[NDArray[Any]], Maps],
    image: NDArray[Any],
    rows: Axis,
    columns: Axis,
) -> Maps:
    """Applies a network tile by tile, and blends what it gives.

    Near its edges a tile counts less, the nearer the less, so that no seams
    show. An image that is smaller than a tile is continued by its last pixels.

    Args:
        predict: From a batch of one tile, `(1, height, width, channels)`, to
            task to map, `(1, height, width, units)`.
        image: Shape `(height, width, channels)`.
        rows: Tiles along its height.
        columns: Tiles along its width.

    Returns:
        Task to map, float32, shape `(height, width, units)`.
    """
    height, width = image.shape[:2]
    planes: Maps = {}
    for top, left, weight in _places(rows, columns):
        tile = _cut(image, top, left, (rows.length, columns.length))
        high, wide = min(rows.length, height), min(columns.length, width)
        for task, values in predict(tile[None]).items():
            # Plane by plane: NumPy is slow along a last axis of one or two.
            units = values.shape[-1]
            if task not in planes:
                planes[task] = np.zeros((units, height, width), np.float32)
            here = planes[task][:, top : top + high, left : left + wide]
            for unit in range(units):
                part = values[0, :high, :wide, unit]
                here[unit] += part * weight[:high, :wide]
    return {task: np.moveaxis(found, 0, -1) for task, found in planes.items()}


def _places(
    rows: Axis, columns: Axis
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    for top, down in zip(rows.starts, rows.weights, strict=True):
        for left, across in zip(columns.starts, columns.weights, strict=True):
            yield top, left, down[:, None] * across[None]


def _cut(
    image: NDArray[Any], top: int, left: int, size: tuple[int, int]
) -> NDArray[Any]:
    tile = image[top : top + size[0], left : left + size[1]]
    missing = [
        want - have for want, have in zip(size, tile.shape, strict=False)
    ]
    if not any(missing):
        return tile
    return np.pad(tile, [(0, missing[0]), (0, missing[1]), (0, 0)], "edge")


def _weights(
    starts: tuple[int, ...], length: int, overlap: int
) -> NDArray[np.float32]:
    """Ramps over the overlaps; over all tiles they sum to 1."""
    edge = np.minimum(np.arange(length), np.arange(length)[::-1]) + 1.0
    ramp = np.minimum(edge, max(overlap, 1))
    whole = np.zeros(starts[-1] + length)
    for start in starts:
        whole[start : start + length] += ramp
    shares = [ramp / whole[start : start + length] for start in starts]
    return np.array(shares, np.float32)
