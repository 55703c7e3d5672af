"""From maps of a network to those of a photograph."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_SIDES = 2  # pixels touch at corners too, as in `largest_component`


def enlarged(
    values: NDArray[Any], size: tuple[int, int]
) -> NDArray[np.float32]:
    """A map at another size, by bilinear interpolation.

    Args:
        values: Floats, shape `(height, width)`.
        size: Height and width.
    """
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(values, np.float32))
    if values.shape == size:
        return np.asarray(picture)
    height, width = size
    return np.asarray(
        picture.resize((width, height), Image.Resampling.BILINEAR)
    )


def enlarged_mask(
    logits: NDArray[Any], mask: NDArray[np.bool_], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """A mask at the size of a photograph, with the smooth edge of its logits.

    Args:
        logits: Shape `(height, width)`; above 0 where the answer is yes.
        mask: Of that shape: the part of it that counts.
        size: Height and width of the photograph.

    Returns:
        Boolean, of the shape `size`: empty if the mask is.
    """
    from scipy import ndimage

    found = np.zeros(size, bool)
    if not mask.any():
        return found
    touching = ndimage.generate_binary_structure(2, _SIDES)
    near = ndimage.binary_dilation(mask, touching)
    lowest = -np.abs(logits) - 1e-3
    found[:] = enlarged(np.where(near, logits, lowest), size) > 0
    return found
