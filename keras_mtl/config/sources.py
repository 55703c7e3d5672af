"""Finds and reads configuration files, with what they extend."""

from __future__ import annotations

import os
import re
from pathlib import Path as FilePath

from keras_mtl.config.document import Document, merge
from keras_mtl.config.registry import suggestion
from keras_mtl.config.yaml_reader import read_yaml
from keras_mtl.configs import preset_names, preset_path
from keras_mtl.errors import ConfigError

_MAX_BYTES = 1_000_000


def find_config(name: str) -> FilePath:
    """The file of a path or preset name.

    Args:
        name: Path of a YAML file, or the name of a preset.

    Returns:
        Path of an existing file.

    Raises:
        ConfigError: If there is neither.
    """
    path = FilePath(name)
    if _is_file(path):
        return path
    if name in preset_names():
        return _preset(name)
    if os.path.isdir(name):
        raise ConfigError(
            f"expected a configuration file, but {name!r} is a folder. Give "
            "a YAML file or a preset. To go on with a run: --resume --out "
            f"{name}."
        )
    raise ConfigError(
        f"no such configuration: {name!r}. Expected a YAML file or one of "
        f"the presets {preset_names()}.{suggestion(name, preset_names())}"
    )


def read_config(path: FilePath) -> Document:
    """Reads a file on top of those it extends.

    Args:
        path: The file.

    Returns:
        The merged values. `name` is the file's own, or its stem: a run does
        not inherit the name of another.

    Raises:
        ConfigError: If a file is missing, unreadable or extends itself.
    """
    document = _read_chain(path, ())
    document.data.setdefault("name", _run_name(path))
    return document


def read_text(path: FilePath) -> str:
    """The text of a configuration file.

    Raises:
        ConfigError: If it cannot be read, is too large or not UTF-8.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(
                f"{path}: too large for a configuration: expected at most "
                f"{_MAX_BYTES} bytes."
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path}: expected UTF-8 text ({error.reason} at byte "
            f"{error.start})."
        ) from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}.") from error


def _read_chain(path: FilePath, seen: tuple[FilePath, ...]) -> Document:
    here = path.resolve()
    if here in seen:
        chain = " -> ".join(str(file) for file in (*seen, here))
        raise ConfigError(f"{path}: `extends` goes in a circle: {chain}.")
    document = read_yaml(read_text(path), str(path))
    parent = document.data.pop("extends", None)
    if parent is None:
        return document
    base = _read_chain(_parent_path(document, parent, path), (*seen, here))
    base.data.pop("name", None)
    return merge(base, document)


def _parent_path(
    document: Document, parent: object, path: FilePath
) -> FilePath:
    place = document.locate(("extends",))
    if not isinstance(parent, str) or not parent:
        raise ConfigError(
            f"{place}: extends: expected a file or the name of a preset. "
            f"Received: {parent!r}."
        )
    file = path.parent / parent
    if _is_file(file):
        return file
    if parent in preset_names():
        return _preset(parent)
    raise ConfigError(
        f"{place}: extends: neither a file beside this one nor one of the "
        f"presets {preset_names()}. Received: {parent!r}."
        f"{suggestion(parent, preset_names())}"
    )


def _preset(name: str) -> FilePath:
    path: FilePath = preset_path(name)
    return path


def _is_file(path: FilePath) -> bool:
    """Whether it is a file; text that cannot be a path is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _run_name(path: FilePath) -> str:
    """The stem of the file, with anything odd replaced."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", path.stem).lstrip("._-")
    return name or "run"
