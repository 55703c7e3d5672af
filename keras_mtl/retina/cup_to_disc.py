"""The vertical cup-to-disc ratio."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class CupToDisc(NamedTuple):
    """A vertical cup-to-disc ratio, or why there is none.

    Attributes:
        value: Cup height over disc height; NaN where it is undefined.
        reason: Why it is undefined, or what is unusual about it; `None`.
    """

    value: float
    reason: str | None = None


def vertical_cup_to_disc_ratio(
    disc: NDArray[Any], cup: NDArray[Any]
) -> CupToDisc:
    """Height of the optic cup over the height of the optic disc.

    A height is the number of rows from the first to the last that holds a
    pixel. Reduce both masks to their largest component first.

    Args:
        disc: Boolean or 0/1, shape `(height, width)`. It includes the cup.
        cup: Of the same shape.

    Returns:
        The ratio, dimensionless. Without a disc NaN, and the reason; without
        a cup 0, and a remark.

    Raises:
        ValueError: If the shapes differ or have not two axes.

    Example:
        >>> disc = np.ones((10, 4), bool)
        >>> vertical_cup_to_disc_ratio(disc, np.eye(10, 4)).value
        0.4

    Reference:
        [Orlando et al., 2020](https://arxiv.org/abs/1910.03667)
    """
    disc, cup = np.asarray(disc), np.asarray(cup)
    if disc.ndim != 2 or disc.shape != cup.shape:
        raise ValueError(
            "`disc` and `cup` must have one shape (height, width). Received: "
            f"disc.shape={disc.shape}, cup.shape={cup.shape}."
        )
    whole, inner = _height(disc), _height(cup)
    if whole == 0:
        return CupToDisc(math.nan, "no optic disc was found")
    reason = None
    if inner == 0:
        reason = "no optic cup was found"
    elif inner > whole:
        reason = "the cup is higher than the disc"
    return CupToDisc(inner / whole, reason)


def _height(mask: NDArray[Any]) -> int:
    rows = np.flatnonzero(mask.any(axis=1))
    return int(rows[-1] - rows[0] + 1) if len(rows) else 0
