"""Reads the files of runs and sweeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from keras_mtl.errors import DataError

# LibYAML is ten times faster; a build of PyYAML may come without it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """Reads a YAML file.

    Raises:
        DataError: If it is missing or not YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataError(f"could not read {path.name}: {error}") from error


def read_mapping(value: Any, name: str) -> dict[str, Any]:
    """The content of a file that must be a mapping.

    Raises:
        DataError: If it is something else.
    """
    if not isinstance(value, dict):
        raise DataError(
            f"{name} holds {type(value).__name__}, not a mapping of names"
        )
    return value


def shortest(path: Path) -> str:
    """The path relative to the current folder, if it lies in there."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
