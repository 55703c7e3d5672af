"""The largest connected region of a mask."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def largest_component(
    mask: NDArray[Any], connectivity: int = 2
) -> NDArray[np.bool_]:
    """Keeps the largest connected region of a mask.

    An eye has one optic disc and one cup: what else was segmented is an
    error. Of regions of equal size the first, row by row, is kept.

    Args:
        mask: Boolean or 0/1, shape `(height, width)`.
        connectivity: 1: pixels touch at their sides; 2: at corners too.

    Returns:
        Boolean, shape `(height, width)`. Empty if the mask is.

    Raises:
        ValueError: If the mask is not of two axes, or `connectivity` is
            neither 1 nor 2.
        ImportError: Without SciPy.
    """
    found = np.asarray(mask).astype(bool)
    if found.ndim != 2:
        raise ValueError(
            "`mask` must have shape (height, width). Received: mask.shape="
            f"{found.shape}. Give one map at a time."
        )
    if connectivity not in (1, 2):
        raise ValueError(
            "`connectivity` must be 1 (sides) or 2 (corners too). Received: "
            f"connectivity={connectivity!r}."
        )
    ndimage = _ndimage()
    touching = ndimage.generate_binary_structure(2, connectivity)
    regions, number = ndimage.label(found, touching)
    if number == 0:
        return found
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    return np.asarray(regions == sizes.argmax())


def _ndimage() -> Any:
    try:
        from scipy import ndimage
    except ImportError as error:
        raise ImportError(
            "Connected components need SciPy, which is not installed: "
            "pip install 'keras-mtl[medical]'."
        ) from error
    return ndimage
