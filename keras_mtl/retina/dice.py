"""The Dice coefficient of two masks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def dice(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Twice the overlap of two masks over the sum of their areas.

    Args:
        first: Boolean or 0/1, any shape.
        second: Of the same shape.

    Returns:
        In [0, 1]; 1 where both are empty.

    Raises:
        ValueError: If the shapes differ.

    Example:
        >>> dice([1, 1, 0], [1, 0, 0])
        0.6666666666666666
    """
    one, other = np.asarray(first, bool), np.asarray(second, bool)
    if one.shape != other.shape:
        raise ValueError(
            "Both masks must have one shape. Received: "
            f"{one.shape} and {other.shape}. Resize one to the other "
            "(nearest neighbour)."
        )
    areas = int(one.sum()) + int(other.sum())
    return 2 * int((one & other).sum()) / areas if areas else 1.0
