"""Checks of the options of augmentations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from keras_mtl.datasets.options import wrong


def fraction(name: str, value: Any) -> float:
    """A number in [0, 1].

    Raises:
        ConfigError: If it is none.
    """
    if not _is_number(value) or not 0 <= value <= 1:
        raise wrong(f"augmentation.{name}", "a number in [0, 1]", value)
    return float(value)


def number(name: str, value: Any, above: float, most: float) -> float:
    """A number in (above, most].

    Raises:
        ConfigError: If it is none.
    """
    if not _is_number(value) or not above < value <= most:
        raise wrong(
            f"augmentation.{name}", f"a number in ({above}, {most}]", value
        )
    return float(value)


def numbers(
    name: str, value: Any, above: float, count: int | None = None
) -> tuple[float, ...]:
    """A list of numbers above a bound.

    Raises:
        ConfigError: If it is none, or not of this length.
    """
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    good = (
        is_list
        and len(value) == (count or max(1, len(value)))
        and all(_is_number(one) and one > above for one in value)
    )
    if not good:
        some = f"{count} numbers" if count else "one number or more"
        raise wrong(f"augmentation.{name}", f"{some} above {above}", value)
    return tuple(float(one) for one in value)


def _is_number(value: Any) -> bool:
    is_real = isinstance(value, int | float) and not isinstance(value, bool)
    return is_real and math.isfinite(value)
