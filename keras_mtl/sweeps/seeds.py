"""Seeds as people write them: `0-4` or `0,3,7-9`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from keras_mtl.errors import ConfigError

_PART = re.compile(r"\s*(\d{1,10})\s*(?:-\s*(\d{1,10})\s*)?")
_LIMIT = 2**32
_MOST = 10_000


def read_seeds(seeds: str | int | Sequence[int]) -> tuple[int, ...]:
    """Reads a list of seeds.

    Args:
        seeds: Text of numbers and ranges, both ends included, or numbers.

    Returns:
        Seeds from 0 to 2**32 - 1, in the order given.

    Raises:
        ConfigError: If the text is malformed, a range is empty, a seed is
            given twice or too large, or there is none.

    Example:
        >>> read_seeds("0-2,7")
        (0, 1, 2, 7)
    """
    if isinstance(seeds, int):
        found = [seeds]
    elif isinstance(seeds, str):
        found = [seed for part in seeds.split(",") for seed in _range(part)]
    else:
        found = list(seeds)
    return _checked(found)


def _range(text: str) -> list[int]:
    found = _PART.fullmatch(text)
    if found is None:
        raise ConfigError(
            "seeds: expected numbers and ranges, such as 0-4 or 0,3,7-9. "
            f"Received: {text!r}."
        )
    first = int(found[1])
    last = first if found[2] is None else int(found[2])
    if last < first or last - first >= _MOST:
        raise ConfigError(
            f"seeds: expected a range of 1 to {_MOST} seeds, the smaller one "
            f"first. Received: {text.strip()!r}."
        )
    return list(range(first, last + 1))


def _checked(seeds: list[int]) -> tuple[int, ...]:
    twice = [seed for seed, count in Counter(seeds).items() if count > 1]
    wrong = [seed for seed in seeds if not 0 <= seed < _LIMIT]
    if seeds and len(seeds) <= _MOST and not twice and not wrong:
        return tuple(seeds)
    received = f"{len(seeds)} of them"
    if wrong or twice:
        received = f"{wrong[0]}" if wrong else f"{twice[0]} twice"
    raise ConfigError(
        f"seeds: expected 1 to {_MOST} different numbers from 0 to "
        f"{_LIMIT - 1}. Received: {received}."
    )
