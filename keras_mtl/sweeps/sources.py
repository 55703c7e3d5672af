"""Finds and reads sweep files, or makes one of a configuration and a grid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_mtl.config.checks import check
from keras_mtl.config.document import Document
from keras_mtl.config.location import Location
from keras_mtl.config.location import Path as Place
from keras_mtl.config.overrides import read_override
from keras_mtl.config.problem import Problem, error_of
from keras_mtl.config.registry import suggestion
from keras_mtl.config.sources import find_config, read_text
from keras_mtl.config.yaml_reader import read_value, read_yaml
from keras_mtl.configs import preset_names, sweep_names, sweep_path
from keras_mtl.errors import ConfigError
from keras_mtl.sweeps.grid import check_grid, read_grid
from keras_mtl.sweeps.schema import SweepConfig
from keras_mtl.sweeps.seeds import read_seeds

# Keys that a configuration does not have.
_MARKS = frozenset(SweepConfig.model_fields) - {"name"}


def is_sweep(name: str) -> bool:
    """Whether a path or name is that of a sweep file.

    Raises:
        ConfigError: If it is neither a file nor a name that is known, or no
            YAML.
    """
    if name in sweep_names():
        return True
    path = _find(name)
    return _is_sweep(read_yaml(read_text(path), str(path)))


def load_sweep(
    config: str,
    grid: Sequence[str] = (),
    seeds: str | None = None,
    overrides: Sequence[str] = (),
) -> tuple[SweepConfig, Document]:
    """Reads a sweep file, or makes a sweep of a configuration.

    Args:
        config: Path of a sweep file or of a configuration, or the name of a
            sweep or a preset.
        grid: What `--grid` was given; it replaces keys of the file's grid.
        seeds: What `--seeds` was given, in place of the file's.
        overrides: What `--set` was given, for every trial.

    Returns:
        The sweep, and the places of its values. Configurations are not read
        yet: `plan_sweep` does.

    Raises:
        ConfigError: If anything is wrong: a list of all problems.
    """
    document = _document(config)
    _check_types(document)
    if grid:
        _set_grid(document, read_grid(grid))
    if seeds is not None:
        document.data["seeds"] = seeds
        document.values[("seeds",)] = Location(f"--seeds {seeds}")
    for text in overrides:
        _override(document, text)
    return _checked(document), document


def _set_grid(document: Document, grid: dict[str, list[Any]]) -> None:
    old = document.data.get("grid")
    document.data["grid"] = {**(old if isinstance(old, dict) else {}), **grid}
    for key in grid:
        for places in (document.keys, document.values):
            places[("grid", key)] = Location(f"--grid {key}")


def _override(document: Document, text: str) -> None:
    """Sets a key for all trials, whatever single ones say of it."""
    read_override(text)  # complains of what is malformed
    key, _, value = text.partition("=")
    key, source = key.strip(), f"--set {text}"
    if key in document.data.get("grid", {}):
        raise ConfigError(
            f"{source}: the grid varies {key}. Give its values in --grid."
        )
    for listed in ("configs", "trials"):
        for entry in document.data.get(listed, []):
            entry.get("set", {}).pop(key, None)
    document.data.setdefault("set", {})[key] = read_value(value, source)
    document.keys[("set", key)] = Location(source)


def _document(config: str) -> Document:
    path = sweep_path(config) if config in sweep_names() else _find(config)
    document = read_yaml(read_text(path), str(path))
    if not _is_sweep(document):
        place: dict[Place, Location] = {("config",): Location(config)}
        source = config if config in preset_names() else str(path.absolute())
        data = {"name": _name(path), "config": source}
        return Document(data, place, dict(place))
    document.data.setdefault("name", _name(path))
    for entry, where in _entries(document.data):
        entry["config"] = _beside(entry["config"], path, document, where)
    return document


def _name(path: Path) -> str:
    """The stem of the file, with anything odd replaced."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", path.stem).lstrip("._-")
    return name[:90] or "sweep"


def _is_sweep(document: Document) -> bool:
    return not _MARKS.isdisjoint(document.data)


def _find(name: str) -> Path:
    try:
        return find_config(name)
    except ConfigError as error:
        close = suggestion(name, [*sweep_names(), *preset_names()])
        if not close or "no such configuration" not in str(error):
            raise
        raise ConfigError(
            f"no such sweep or configuration: {name!r}. Expected a YAML file, "
            f"one of the sweeps {sweep_names()} or one of the presets "
            f"{preset_names()}.{close}"
        ) from error


def _entries(data: Any) -> list[tuple[dict[str, Any], Place]]:
    """Every mapping with a `config`, and where it stands."""
    found: list[tuple[Any, Place]] = [(data, ())]
    for key in ("configs", "trials"):
        if isinstance(data.get(key), list):
            found += [(e, (key, i)) for i, e in enumerate(data[key])]
    return [
        (entry, where)
        for entry, where in found
        if isinstance(entry, dict) and isinstance(entry.get("config"), str)
    ]


def _beside(config: str, path: Path, document: Document, where: Place) -> str:
    """A file beside the sweep file, or the name of a preset."""
    file = path.parent / config
    if file.is_file():
        return str(file.absolute())
    if config in preset_names():
        return config
    place = document.locate((*where, "config"))
    raise ConfigError(
        f"{place}: config: neither a file beside this one nor one of the "
        f"presets {preset_names()}. Received: {config!r}."
        f"{suggestion(config, preset_names())}"
    )


def _check_types(document: Document) -> None:
    problems = check(SweepConfig, document.data, (), document)
    if problems:
        raise error_of(problems)


def _checked(document: Document) -> SweepConfig:
    _check_types(document)
    config = SweepConfig.model_validate(document.data)
    problems = _problems(config, document)
    if problems:
        raise error_of(problems)
    return config


def _problems(config: SweepConfig, document: Document) -> list[Problem]:
    """What the types do not tell."""
    found: list[tuple[Place, str]] = []
    try:
        read_seeds(config.seeds)
    except ConfigError as error:
        found.append((("seeds",), str(error).removeprefix("seeds: ")))
    for text in check_grid(config.grid):
        key, _, message = text.partition(": ")
        found.append((("grid", key), message))
    found += _missing_configs(config)
    return [Problem(p, m, document.locate(p)) for p, m in found]


def _missing_configs(
    config: SweepConfig,
) -> list[tuple[Place, str]]:
    if config.config is not None:
        return []
    message = "required, but missing: the sweep has no `config` of its own."
    listed = [
        *((("configs", i), e.config) for i, e in enumerate(config.configs)),
        *((("trials", i), e.config) for i, e in enumerate(config.trials)),
    ]
    found: list[tuple[Place, str]] = [
        ((*place, "config"), message)
        for place, source in listed
        if source is None
    ]
    if not config.configs and not config.trials:
        text = "required, but missing: give `config`, `configs` or `trials`."
        found.append((("config",), text))
    return found
