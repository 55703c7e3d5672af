"""Grids: every combination of the values of some keys."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from keras_mtl.config.yaml_reader import read_value
from keras_mtl.errors import ConfigError

Point = dict[str, Any]


def read_grid(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Parses what `--grid` was given.

    Args:
        texts: `"key=value,value"` each; the values are YAML.

    Returns:
        Key to values, in the order given.

    Raises:
        ConfigError: If a key or its values are missing, or a key is repeated.
    """
    grid: dict[str, list[Any]] = {}
    for text in texts:
        key, equals, values = text.partition("=")
        key = key.strip()
        if not key or not equals or not values.strip():
            raise ConfigError(
                f"--grid {text}: expected key=value,value, for example "
                "--grid trainer.aggregator.name=sum,pcgrad."
            )
        if key in grid:
            raise ConfigError(
                f"--grid {text}: the key {key!r} was given before. Give all "
                "its values in one --grid."
            )
        grid[key] = read_value(f"[{values}]", f"--grid {text}")
    return grid


def check_grid(grid: Mapping[str, Sequence[Any]]) -> list[str]:
    """What is wrong with the values of a grid, one line a problem.

    Args:
        grid: Key to values.

    Returns:
        Lines `key: message`: values are missing, or one of them is repeated.
    """
    problems = []
    for key, values in grid.items():
        if not values:
            problems.append(f"{key}: expected at least one value, got none.")
        shown = [as_json(value) for value in values]
        problems += [
            f"{key}: the value {value} is given twice."
            for value in dict.fromkeys(shown)
            if shown.count(value) > 1
        ]
    return problems


def points(grid: Mapping[str, Sequence[Any]]) -> Iterator[Point]:
    """The cartesian product; the last key changes fastest.

    Args:
        grid: Key to values. No key at all gives the one empty point.

    Yields:
        Key to value.
    """
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """The shortest ends of dotted keys that tell them apart.

    Args:
        keys: Different dotted keys. A last `.name` is left out, for it adds
            nothing: `trainer.aggregator.name` is the aggregator.

    Returns:
        Key to short name.

    Example:
        >>> short_names(["partition.p", "trainer.aggregator.name"])
        {'partition.p': 'p', 'trainer.aggregator.name': 'aggregator'}
    """
    parts = {key: _parts(key) for key in keys}
    names = {}
    for key, own in parts.items():
        others = [other for k, other in parts.items() if k != key]
        count = 1
        while count < len(own) and any(
            other[-count:] == own[-count:] for other in others
        ):
            count += 1
        names[key] = ".".join(own[-count:])
    if len(set(names.values())) < len(names):  # a and a.name
        return {key: key for key in keys}
    return names


def shown(value: Any) -> str:
    """A value in a label: text without quotes, a component by its name."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        rest = {k: v for k, v in value.items() if k != "name"}
        inner = ", ".join(f"{k}={shown(v)}" for k, v in rest.items())
        return f"{value['name']}({inner})" if inner else str(value["name"])
    return as_json(value)


def as_json(value: Any) -> str:
    """A value as JSON, which is YAML, too."""
    return json.dumps(value, ensure_ascii=False)


def _parts(key: str) -> list[str]:
    parts = key.split(".")
    return parts[:-1] if len(parts) > 1 and parts[-1] == "name" else parts
