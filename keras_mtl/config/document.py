"""A configuration as written: values, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from keras_mtl.config.location import Location, Path, dotted
from keras_mtl.errors import ConfigError

# Blocks that name a component. `trainer.aggregator` may hold another one.
_ROOT_COMPONENTS = frozenset(
    {"data", "model", "trainer", "optimizer", "pipeline"}
)
_NESTED_COMPONENTS = frozenset({"aggregator", "weighting"})


class ListItems(dict[int, Any]):
    """New values for some entries of a list, by their index."""


@dataclass
class Document:
    """Values of one or more merged files, with the place of each.

    Args:
        data: Nested dicts, lists and scalars, as in JSON.
        keys: Path to the place of its key.
        values: Path to the place of its value.
        inherited: Options that were written for another component than the
            one the block now names (`name` was overridden). They are kept
            where the new component takes them.
    """

    data: dict[str, Any]
    keys: dict[Path, Location] = field(default_factory=dict)
    values: dict[Path, Location] = field(default_factory=dict)
    inherited: set[Path] = field(default_factory=set)

    def locate(self, path: Path, key: bool = False) -> Location | None:
        """The place of a value or key, or of the nearest one around it."""
        first, second = (
            (self.keys, self.values) if key else (self.values, self.keys)
        )
        for end in range(len(path), -1, -1):
            part = path[:end]
            found = first.get(part) or second.get(part)
            if found:
                return found
        return None

    def get(self, path: Path) -> Any:
        """The value at `path`, or `None` where there is none."""
        return _at(self.data, path)


def _at(value: Any, path: Path) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def is_component(path: Path) -> bool:
    """Whether the block at `path` names a component and its options."""
    if len(path) == 1:
        return path[0] in _ROOT_COMPONENTS
    if len(path) == 3 and path[0] == "tasks":
        return path[2] == "loss"
    return path[:1] == ("trainer",) and path[-1] in _NESTED_COMPONENTS


def expand_shorthands(document: Document) -> Document:
    """Turns `aggregator: pcgrad` into `aggregator: {name: pcgrad}`.

    Args:
        document: Changed in place.

    Returns:
        The same document.
    """
    for path, parent in list(_mappings(document.data)):
        for key, value in list(parent.items()):
            here = (*path, key)
            if isinstance(value, str) and is_component(here):
                parent[key] = {"name": value}
                if here in document.values:
                    place = document.values[here]
                    document.values[(*here, "name")] = place
    return document


def merge(base: Document, over: Document) -> Document:
    """The values of `over` on top of those of `base`.

    Lists are replaced, but for `ListItems`, which change entries of one.

    Raises:
        ConfigError: If there is no such entry.
    """
    keys, values = dict(base.keys), dict(base.values)
    inherited = set(base.inherited)
    try:
        data = _merge_values((), base.data, over.data, values, inherited)
    except _NoEntryError as error:
        raise ConfigError(f"{over.locate(error.path)}: {error}") from error
    _update(keys, over.keys, base.data)
    _update(values, over.values, base.data)
    return Document(data, keys, values, inherited - set(over.values))


def _update(
    places: dict[Path, Location], over: dict[Path, Location], base: Any
) -> None:
    """Adds later places; `--set a.b=1` does not claim the whole of `a`."""
    for path, place in over.items():
        is_around = path and isinstance(_at(base, path), dict)
        if place.line is not None or not is_around:
            places[path] = place


def _merge_values(
    path: Path,
    base: dict[Any, Any],
    over: dict[Any, Any],
    values: dict[Path, Location],
    inherited: set[Path],
) -> dict[Any, Any]:
    merged = dict(base)
    if path and _renamed(base, over):
        inherited.update((*path, key) for key in base if key not in over)
    for key, value in over.items():
        here = (*path, key)
        old = base.get(key)
        if isinstance(value, ListItems):
            value = _merge_items(here, old, value, values, inherited)
        elif isinstance(old, dict) and isinstance(value, dict):
            value = _merge_values(here, old, value, values, inherited)
        else:
            _forget(here, values)
        merged[key] = value
    return merged


class _NoEntryError(Exception):
    """A list has no such entry."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def _merge_items(
    path: Path,
    base: Any,
    over: ListItems,
    values: dict[Path, Location],
    inherited: set[Path],
) -> list[Any]:
    number = len(base) if isinstance(base, list) else 0
    for index in over:
        if index >= number:
            raise _NoEntryError(
                (*path, index),
                f"{dotted(path)} has {number} entries to set, and {index} is "
                "none of them: they are counted from 0. Set the whole list, "
                f"as in {dotted(path)}=[...].",
            )
    old = dict(enumerate(base))
    merged = _merge_values(path, old, over, values, inherited)
    return [merged[index] for index in range(number)]


def _renamed(base: dict[Any, Any], over: dict[Any, Any]) -> bool:
    old, new = base.get("name"), over.get("name")
    return isinstance(old, str) and isinstance(new, str) and old != new


def _forget(path: Path, values: dict[Path, Location]) -> None:
    """Drops the places of a value that is replaced as a whole."""
    for other in [p for p in values if p[: len(path)] == path]:
        del values[other]


def _mappings(
    value: Any, path: Path = ()
) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for key, child in list(value.items()):
            yield from _mappings(child, (*path, key))
