"""Nested configurations as dotted keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# Where a run is, who made it and how much it logs: not what was trained.
INCIDENTAL = (
    "name",
    "data.dir",
    "fit.checkpoint_every",
    "fit.checkpoint_every_batches",
    "fit.log_every",
    "fit.telemetry",
)


def flattened(value: Any, prefix: str = "") -> dict[str, Any]:
    """Leaves by dotted key.

    Args:
        value: Mappings and lists of plain values. Items of a list of mappings
            are numbered; other lists, and what is empty, are leaves.
        prefix: Put before every key.

    Returns:
        Key to leaf.

    Example:
        >>> flattened({"a": {"b": 1}, "c": [{"d": 2}], "e": [3]})
        {'a.b': 1, 'c.0.d': 2, 'e': [3]}
    """
    if prefix and not _is_node(value):
        return {prefix: value}
    dot = f"{prefix}." if prefix else ""
    flat: dict[str, Any] = {}
    for key, item in _items(value):
        flat |= flattened(item, f"{dot}{key}")
    return flat


def distinguishing(
    flat: Mapping[str, Any], ignored: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The part of a configuration that makes it a method of its own.

    Args:
        flat: A flattened configuration.
        ignored: More keys, or beginnings of keys, that do not matter.

    Returns:
        `flat` without seeds, names, folders and what is only logged.
        `split_seed` stays: it changes the data. An option that is off
        (`None`) is left out, for a version without the option did the same.
    """
    skipped = (*INCIDENTAL, *ignored)
    return {
        key: value
        for key, value in flat.items()
        if value is not None
        and key.rpartition(".")[2] != "seed"
        and not any(key == s or key.startswith(f"{s}.") for s in skipped)
    }


def _is_node(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(i, Mapping) for i in value)
    return isinstance(value, Mapping) and bool(value)


def _items(value: Any) -> Iterator[tuple[Any, Any]]:
    return iter(enumerate(value) if isinstance(value, list) else value.items())
