"""Checks of the options of the loaders. Each names the option and the fix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_mtl.errors import ConfigError


def wrong(name: str, expected: str, value: Any) -> ConfigError:
    """The error for an option that is not what it should be."""
    return ConfigError(
        f"`data.{name}` must be {expected}. Received: {value!r}."
    )


def integer(
    name: str, value: Any, minimum: int, maximum: int | None = None
) -> int:
    """An int in `[minimum, maximum]`. Booleans are refused.

    Raises:
        ConfigError: If it is not.
    """
    expected = f"an integer, {minimum} or more"
    if maximum is not None:
        expected = f"an integer in {minimum}..{maximum}"
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(name, expected, value)
    if value < minimum or (maximum is not None and value > maximum):
        raise wrong(name, expected, value)
    return value


def choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """One of a few words.

    Raises:
        ConfigError: If it is none of them.
    """
    if not isinstance(value, str) or value not in choices:
        raise wrong(name, "one of " + ", ".join(choices), value)
    return value


def pair(name: str, value: Any, maximum: int) -> tuple[int, int]:
    """Row and column, each in `[0, maximum]`.

    Raises:
        ConfigError: If it is not a pair of such integers.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise wrong(name, "two integers, [row, column]", value)
    if len(value) != 2:
        raise wrong(name, "two integers, [row, column]", value)
    row, column = (integer(name, part, 0, maximum) for part in value)
    return row, column


def count(name: str, value: Any, total: int) -> int:
    """A number of samples out of `total`: a count, or a fraction below 1.

    Args:
        name: Name of the option.
        value: Int in `[0, total)`, or float in `[0, 1)`.
        total: How many there are.

    Returns:
        The count. A fraction is rounded to the nearest sample.

    Raises:
        ConfigError: If it is neither, or leaves nothing.
    """
    if isinstance(value, float) and 0 <= value < 1:
        value = round(value * total)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong(
            name,
            "a count of samples (an integer) or a fraction in [0, 1)",
            value,
        )
    if value >= total:
        raise ConfigError(
            f"`data.{name}` asks for {value} of {total} samples, which "
            f"leaves nothing to train on. Give at most {total - 1}."
        )
    return value
