"""Finds a component by kind and name.

Those of this package have a row in `rows.py`. A configuration may also name
`my_package.module:Class`, or a component of another package that declares an
entry point `<kind>.<name>` in the group `keras_mtl.plugins`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from keras_mtl.config.rows import ROWS
from keras_mtl.errors import ConfigError

PLUGIN_GROUP = "keras_mtl.plugins"

# What a component of a kind must derive from, where that can be checked.
_BASES = {
    "aggregators": "keras_mtl.aggregators.base:Aggregator",
    "weightings": "keras_mtl.weightings.base:Weighting",
    "losses": "keras.losses:Loss",
    "optimizers": "keras.optimizers:Optimizer",
    "pipelines": "keras_mtl.pipelines.pipeline:Pipeline",
    "schedules": "keras.optimizers.schedules:LearningRateSchedule",
}


def kinds() -> list[str]:
    """Every kind of component, sorted."""
    return sorted(ROWS)


def names(kind: str) -> list[str]:
    """Names of the components of one kind that come with the package."""
    return sorted(_rows(kind))


def suggestion(name: str, known: Iterable[str]) -> str:
    """`" Did you mean 'x'?"` for the nearest known name, or nothing."""
    close = get_close_matches(name, sorted(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def target(kind: str, name: str, plugins: bool = True) -> str:
    """Finds where a component lives; imports nothing.

    Args:
        kind: One of `kinds()`.
        name: A registered name, the name of a plugin of that kind, or
            `"my_package.module:Class"`.
        plugins: Whether the last two are allowed.

    Returns:
        `"module:attribute"`.

    Raises:
        ConfigError: If there is no such component, or it is forbidden.
    """
    rows = _rows(kind)
    if name in rows:
        return rows[name]
    if ":" in name:
        return _foreign(kind, name, plugins)
    found = _plugins(kind) if plugins else {}
    if name in found:
        return found[name]
    known = sorted({*rows, *found})
    raise ConfigError(
        f"expected one of {known}, or 'my_package.module:Class'. Received: "
        f"{name!r}.{suggestion(name, known)}"
    )


def resolve(kind: str, name: str, plugins: bool = True) -> Any:
    """Imports a component.

    Args:
        kind: As in `target`.
        name: As in `target`.
        plugins: As in `target`.

    Returns:
        The class or function.

    Raises:
        ConfigError: If there is no such component, it cannot be imported,
            or it is not of that kind.
    """
    where = target(kind, name, plugins)
    component = _import(where)
    _check_kind(kind, where, component)
    return component


def _rows(kind: str) -> dict[str, str]:
    if kind not in ROWS:
        raise ConfigError(
            f"expected a kind of component, one of {kinds()}. Received: "
            f"{kind!r}.{suggestion(kind, ROWS)}"
        )
    return ROWS[kind]


def _foreign(kind: str, name: str, plugins: bool) -> str:
    if plugins:
        return name
    raise ConfigError(
        f"{name!r} would run code from outside this package, which "
        f"--no-plugins forbids. Expected one of {names(kind)}."
    )


def _plugins(kind: str) -> dict[str, str]:
    """Plugins of one kind: name to `"module:attribute"`."""
    prefix = f"{kind}."
    return {
        point.name.removeprefix(prefix): point.value
        for point in importlib.metadata.entry_points(group=PLUGIN_GROUP)
        if point.name.startswith(prefix)
    }


def _import(where: str) -> Any:
    module_name, _, attribute = where.partition(":")
    try:
        found = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:  # a plugin may raise anything when imported
        raise ConfigError(
            f"{where!r} cannot be imported: {type(error).__name__}: {error}. "
            "Expected 'module:Class', importable from the current folder or "
            "from an installed package."
        ) from error
    return found


def _check_kind(kind: str, where: str, component: Any) -> None:
    if not (inspect.isclass(component) or inspect.isroutine(component)):
        raise ConfigError(
            f"{where!r} must be a class or a function. Received: "
            f"{type(component).__name__}."
        )
    try:
        inspect.signature(component)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{where!r} does not tell its options: {error}. Expected a class "
            "or function written in Python."
        ) from error
    if kind not in _BASES:
        return
    base = _import(_BASES[kind])
    if not (inspect.isclass(component) and issubclass(component, base)):
        raise ConfigError(
            f"{where!r} must be a subclass of {base.__name__} to serve among "
            f"the {kind}. Received: {component!r}."
        )
