"""The layers of a model that have weights, and patterns of their names."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import keras

from keras_mtl.errors import ConfigError


@dataclass(frozen=True, eq=False)
class NamedLayer:
    """A layer with weights.

    Args:
        name: Its name; with those of the models around it, `outer/inner`, if
            another layer is called the same.
        path: Names of the models around it, and its own.
        layer: The layer.
    """

    name: str
    path: tuple[str, ...]
    layer: Any

    def fits(self, pattern: str) -> bool:
        """Whether a pattern matches its name, or a model that it is in."""
        around = ["/".join(self.path[: i + 1]) for i in range(len(self.path))]
        return any(
            fnmatchcase(one, pattern)
            for one in (self.name, *self.path, *around)
        )


def weighted_layers(model: keras.Model) -> list[NamedLayer]:
    """The layers with weights, nested models opened.

    A layer that is made of others, such as a transformer block, counts as one.

    Args:
        model: Any model.

    Returns:
        Every layer once, in the order of the model.
    """
    found: dict[int, tuple[tuple[str, ...], Any]] = {}
    _collect(model, (), found)
    counts = Counter(path[-1] for path, _ in found.values())
    return [
        NamedLayer(
            path[-1] if counts[path[-1]] == 1 else "/".join(path), path, layer
        )
        for path, layer in found.values()
    ]


def matching(
    layers: Iterable[NamedLayer], patterns: Sequence[str], argument: str
) -> list[str]:
    """Names of the layers that a pattern matches.

    Args:
        layers: Where to look.
        patterns: Names of layers, or of models around them, in which `*`, `?`
            and `[...]` stand for others as in file names.
        argument: What the patterns are called, for the message.

    Returns:
        Names, in the order of `layers`.

    Raises:
        ConfigError: If a pattern matches nothing.
    """
    known = list(layers)
    for pattern in patterns:
        if not any(one.fits(pattern) for one in known):
            raise ConfigError(_no_match(known, pattern, argument))
    return [one.name for one in known if any(one.fits(p) for p in patterns)]


def _collect(
    model: Any, around: tuple[str, ...], found: dict[int, Any]
) -> None:
    for layer in model.layers:
        path = (*around, layer.name)
        if isinstance(layer, keras.Model):
            _collect(layer, path, found)
        elif layer.weights:
            found.setdefault(id(layer), (path, layer))


def _no_match(known: Sequence[NamedLayer], pattern: str, argument: str) -> str:
    names = [one.name for one in known]
    close = difflib.get_close_matches(pattern, names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return (
        f"`{argument}`: no layer with weights matches {pattern!r}. Expected "
        f"names or patterns such as 'block1*' of: {shown}.{hint}"
    )
