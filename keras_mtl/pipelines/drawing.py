"""Draws what was found over a photograph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.pipelines.reading import Colour, Reading, Region

# Of the longer side of the photograph.
_LINE = 1 / 700
_CROSS = 1 / 50
_FILL = 0.65  # of the colour, where a region is filled
_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)


def drawn(photograph: NDArray[np.uint8], reading: Reading) -> Any:
    """Draws regions and points over a photograph, at its own resolution.

    Args:
        photograph: Shape `(height, width, 3)`.
        reading: What was found in it.

    Returns:
        A Pillow image, RGB.
    """
    from PIL import Image

    pixels = np.array(photograph)
    longest = max(pixels.shape[:2])
    line = max(round(longest * _LINE), 1)
    for region in reading.regions.values():
        _draw_region(pixels, region, line)
    picture = Image.fromarray(pixels)
    for row, column in reading.points.values():
        _draw_cross(picture, row, column, longest * _CROSS, line)
    return picture


def outline(mask: NDArray[Any], line: int) -> NDArray[np.bool_]:
    """The edge of a mask, inside of it.

    Args:
        mask: Boolean, shape `(height, width)`.
        line: Width of the line in pixels, 1 or more.
    """
    from scipy import ndimage

    found = np.zeros(mask.shape, bool)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return found
    # Nothing outside of its box is looked at.
    box = (
        slice(rows[0], rows[-1] + 1),
        slice(columns[0], columns[-1] + 1),
    )
    inner = ndimage.binary_erosion(mask[box], np.ones((3, 3)), iterations=line)
    found[box] = mask[box] & ~inner
    return found


def _draw_region(pixels: NDArray[np.uint8], region: Region, line: int) -> None:
    if region.style == "fill":
        old = pixels[region.mask]
        new = (1 - _FILL) * old + _FILL * np.array(region.colour)
        pixels[region.mask] = np.rint(new).astype(np.uint8)
        return
    pixels[outline(region.mask, line)] = region.colour


def _draw_cross(
    picture: Any, row: float, column: float, arm: float, line: int
) -> None:
    """A white cross with a black edge, seen on any ground."""
    from PIL import ImageDraw

    pen = ImageDraw.Draw(picture)
    x, y = column + 0.5, row + 0.5
    for colour, width in ((_BLACK, 3 * line), (_WHITE, line)):
        pen.line((x - arm, y, x + arm, y), fill=colour, width=width)
        pen.line((x, y - arm, x, y + arm), fill=colour, width=width)
