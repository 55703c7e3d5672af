"""What was found in one photograph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Region:
    """Pixels of a photograph, and how to draw them.

    Args:
        mask: Boolean, of the height and width of the photograph.
        colour: Red, green and blue, in 0..255.
        style: `"outline"`, or `"fill"` for what is thin.
    """

    mask: NDArray[np.bool_]
    colour: Colour
    style: Literal["outline", "fill"] = "outline"


@dataclass(frozen=True)
class Reading:
    """What was found in one photograph.

    Args:
        values: Name to number, a column each of the table; `None` where it is
            not defined.
        regions: Name to region.
        points: Name to row and column, in pixels of the photograph.
        remarks: What is missing or unusual, a sentence each.
    """

    values: Mapping[str, float | None] = field(default_factory=dict)
    regions: Mapping[str, Region] = field(default_factory=dict)
    points: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
