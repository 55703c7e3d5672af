"""Damages bytes and files, and tells what comes of reading them.

Used by `fuzzing.py` and `fuzzing_data.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

ACCEPTED, REFUSED = "accepted", "refused"


def outcome(function: Callable[[], Any], *expected: type[Exception]) -> str:
    """Whether a function does its work or refuses in words.

    Raises:
        ValueError: If the refusal says nothing.
        Exception: Whatever was raised that is none of `expected`.
    """
    try:
        function()
    except expected as error:
        if not str(error).strip():
            raise ValueError("The error has no message.") from error
        return REFUSED
    return ACCEPTED


def damage(paths: list[Path], chance: random.Random) -> None:
    """Damages one file, or puts it in the place of another."""
    path = chance.choice(paths)
    action = chance.random()
    if action < 0.15:
        path.write_bytes(chance.choice(paths).read_bytes())
    elif action < 0.2:
        path.unlink()
    elif action < 0.25:
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(damaged(path.read_bytes(), chance, 0.2))


def damaged(data: bytes, chance: random.Random, early: float = 0.0) -> bytes:
    """Bytes with some flipped, cut off, left out, repeated or put in.

    Args:
        data: The bytes.
        chance: Chooses what and where.
        early: Share of the cases in which it is among the first 128.
    """
    end = min(len(data), 128) if chance.random() < early else len(data)
    at = chance.randrange(end) if end else 0
    size = chance.randint(1, 8)
    action = chance.choice(("flip", "flip", "cut", "drop", "repeat", "insert"))
    if action == "flip" and data:
        bit = 1 << chance.randrange(8)
        return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
    if action == "cut":
        return data[:at]
    if action == "drop":
        return data[:at] + data[at + size :]
    if action == "repeat":
        return data[:at] + data[at : at + size] * 2 + data[at + size :]
    return data[:at] + chance.randbytes(size) + data[at:]
