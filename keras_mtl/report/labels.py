"""Short names of methods, from what differs between their configurations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

# What people call a method by comes first; their values need no key.
_NAMES = (
    "trainer.name",
    "trainer.aggregator.name",
    "trainer.weighting.name",
    "model.name",
    "model.design",
    "partition.kind",
    "optimizer.name",
)
_SECTIONS = ("trainer", "partition", "model", "optimizer", "callbacks", "tasks")
_ABSENT = object()


def labels(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """One label per configuration, all different.

    Args:
        configs: Flattened configurations, all different.

    Returns:
        The values of as few keys as tell them apart, names of components
        first: `"shared pcgrad"`, `"cooperative bound=0.01"`. What a
        configuration lacks is left out of its label.

    Example:
        >>> labels([{"trainer.name": "shared", "optimizer.rate": 0.1},
        ...         {"trainer.name": "shared", "optimizer.rate": 0.2}])
        ['rate=0.1', 'rate=0.2']
    """
    if len(configs) == 1:
        return [_only(configs[0])]
    keys = telling_keys(configs)
    short = _short_keys(keys)
    found = [_label(config, keys, short) for config in configs]
    for index, config in enumerate(configs):
        if not found[index]:
            found[index] = _only(config)
    unclear = [name for name in found if name == "run" or found.count(name) > 1]
    for index, config in enumerate(configs):
        if found[index] in unclear:
            found[index] = _label(config, keys, short, is_complete=True)
    return _numbered(found)


def telling_keys(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """As few keys as tell configurations apart, the best known first.

    Args:
        configs: Flattened configurations, all different.

    Returns:
        Dotted keys.
    """
    keys = {key for config in configs for key in config}
    chosen: list[str] = []
    groups = [tuple(range(len(configs)))]
    for key in sorted(keys, key=_priority):
        split = [part for g in groups for part in _split(g, configs, key)]
        if len(split) > len(groups):
            chosen.append(key)
            groups = split
        if len(groups) == len(configs):
            break
    return chosen


def differing_keys(
    configs: Sequence[Mapping[str, Any]],
) -> dict[str, list[str]]:
    """Every key whose value is not the same in all configurations.

    Args:
        configs: Flattened configurations.

    Returns:
        Key to its value in each, as text; `(absent)` where there is none.
    """
    keys = sorted({key for config in configs for key in config})
    texts = {
        key: [
            _text(config[key]) if key in config else "(absent)"
            for config in configs
        ]
        for key in keys
    }
    return {key: found for key, found in texts.items() if len(set(found)) > 1}


def _numbered(found: Sequence[str]) -> list[str]:
    """Tells equal labels apart: of an option that is off, and of none."""
    return [
        f"{name} ({found[:i].count(name) + 1})" if name in found[:i] else name
        for i, name in enumerate(found)
    ]


def _only(config: Mapping[str, Any]) -> str:
    names = [config.get(key) for key in _NAMES[:3]]
    return " ".join(str(name) for name in names if name) or "run"


def _priority(key: str) -> tuple[int, int, str]:
    if key in _NAMES:
        return _NAMES.index(key), 0, key
    section = key.partition(".")[0]
    known = section in _SECTIONS
    place = _SECTIONS.index(section) if known else len(_SECTIONS)
    return len(_NAMES) + place, key.count("."), key


def _split(
    group: tuple[int, ...], configs: Sequence[Mapping[str, Any]], key: str
) -> list[tuple[int, ...]]:
    parts: dict[str, list[int]] = {}
    for index in group:
        # An option that is off is as good as none.
        value = configs[index].get(key)
        parts.setdefault("" if value is None else _text(value), []).append(
            index
        )
    return [tuple(part) for part in parts.values()]


def _short_keys(keys: Sequence[str]) -> dict[str, str]:
    """The shortest endings that are all different."""
    short = {}
    for key in keys:
        parts = key.split(".")
        for size in range(1, len(parts) + 1):
            ending = ".".join(parts[-size:])
            if not any(
                other != key and f".{other}".endswith(f".{ending}")
                for other in keys
            ):
                break
        short[key] = ending
    return short


def _label(
    config: Mapping[str, Any],
    keys: Sequence[str],
    short: Mapping[str, str],
    is_complete: bool = False,
) -> str:
    parts = []
    for key in keys:
        value = config.get(key, _ABSENT)
        if value is _ABSENT or (value is None and not is_complete):
            if is_complete:
                parts.append(f"{short[key]}=none")
        elif key in _NAMES and value is not None:
            parts.append(str(value))
        else:
            parts.append(f"{short[key]}={_text(value)}")
    return " ".join(parts)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value, default=str)
