"""From a sweep to its methods: the rows of the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_mtl.config.document import Document
from keras_mtl.config.location import Location
from keras_mtl.config.location import Path as Place
from keras_mtl.sweeps.grid import Point, as_json, points, short_names, shown
from keras_mtl.sweeps.schema import SweepConfig


@dataclass(frozen=True)
class Method:
    """A row of the table: a configuration and what is changed in it.

    Args:
        label: Name of the row.
        config: Preset or file.
        set: Dotted key to value, later ones last.
        places: Where these keys were written, where that is known.
    """

    label: str
    config: str
    set: Mapping[str, Any]
    places: Mapping[str, Location]

    @property
    def overrides(self) -> list[str]:
        """What is changed, as for `--set`."""
        return [f"{key}={as_json(value)}" for key, value in self.set.items()]


def methods(config: SweepConfig, document: Document) -> list[Method]:
    """Lists the methods of a sweep.

    Args:
        config: The sweep.
        document: For the places of its values.

    Returns:
        `configs` (or `config`) at every point of the grid, then `trials`.
    """
    found = list(_crossed(config, document))
    for index, trial in enumerate(config.trials):
        places = _places(document, ("trials", index, "set"), trial.set)
        source = trial.config or config.config or ""
        found.append(
            _method(config, document, trial.label, source, trial.set, places)
        )
    return found


def _crossed(config: SweepConfig, document: Document) -> Iterator[Method]:
    names = {**short_names(list(config.grid)), **config.names}
    grid_places = _places(document, ("grid",), config.grid)
    for index, entry in enumerate(config.configs):
        places = _places(document, ("configs", index, "set"), entry.set)
        source = entry.config or config.config or ""
        label = entry.label or Path(source).stem
        for point in points(config.grid):
            yield _method(
                config,
                document,
                _label(label, point, names),
                source,
                {**entry.set, **point},
                {**places, **grid_places},
            )
    if config.configs or config.config is None:
        return
    if config.trials and not config.grid:
        return  # a base for the trials alone
    for point in points(config.grid):
        label = _label("", point, names) or Path(config.config).stem
        yield _method(
            config, document, label, config.config, point, grid_places
        )


def _method(
    config: SweepConfig,
    document: Document,
    label: str,
    source: str,
    changes: Mapping[str, Any],
    places: Mapping[str, Location],
) -> Method:
    common = _places(document, ("set",), config.set)
    return Method(
        label, source, {**config.set, **changes}, {**common, **places}
    )


def _label(label: str, point: Point, names: Mapping[str, str]) -> str:
    parts = [f"{names[key]}={shown(value)}" for key, value in point.items()]
    return ", ".join([label, *parts] if label else parts)


def _places(
    document: Document, path: Place, keys: Sequence[str] | Mapping[str, Any]
) -> dict[str, Location]:
    """The places of keys, none where nothing is known of a line."""
    found = {key: document.keys.get((*path, key)) for key in keys}
    return {key: place for key, place in found.items() if place is not None}
