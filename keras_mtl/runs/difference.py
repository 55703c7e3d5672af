"""What differs between two configurations, key by key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def flatten(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one mapping with dotted keys.

    Args:
        config: Strings to values, mappings among them.
        prefix: Put before every key.

    Returns:
        Leaves by dotted key. An empty mapping is a leaf.
    """
    flat: dict[str, Any] = {}
    for key, value in config.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            flat |= flatten(value, f"{name}.")
        else:
            flat[name] = list(value) if isinstance(value, tuple) else value
    return flat


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Lines `key: old -> new`, sorted, for every leaf that is not equal.

    Args:
        old: The configuration that was.
        new: The configuration that is asked for.

    Returns:
        One line a differing key; a key that one side lacks is `(absent)`.
    """
    before, after = flatten(old), flatten(new)
    return [
        f"{key}: {_shown(before, key)} -> {_shown(after, key)}"
        for key in sorted(before.keys() | after.keys())
        if _shown(before, key) != _shown(after, key)
    ]


def _shown(flat: Mapping[str, Any], key: str) -> str:
    return repr(flat[key]) if key in flat else "(absent)"
