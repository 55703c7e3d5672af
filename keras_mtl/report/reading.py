"""Finds run folders and reads them; what cannot be read is said."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.report.run import Run
from keras_mtl.runs.atomic import read_json

# LibYAML is ten times faster; a build of PyYAML may come without it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MANIFEST = "manifest.json"


def read_runs(
    paths: Sequence[str | os.PathLike[str]],
    labels: Mapping[str, str] | None = None,
) -> tuple[list[Run], list[str]]:
    """Reads every run below some folders.

    Args:
        paths: Run folders, sweep folders, or any folders that hold some.
        labels: Folder to the name of the method of the runs below it.

    Returns:
        The finished runs, sorted by path, and notes about the folders that
        are none.

    Raises:
        ConfigError: If a path does not exist, or a label names none of
            the runs.
    """
    found: dict[Path, None] = {}
    notes: list[str] = []
    for path in paths:
        root = Path(path).absolute()
        if not root.is_dir():
            raise ConfigError(
                f"{str(path)!r} is not a folder. Give run folders or sweep "
                "folders."
            )
        folders = list(_run_folders(root))
        found |= dict.fromkeys(folders)
        if not folders:
            notes.append(
                f"{path}: not a run folder, and none below it; left out."
            )
    runs: list[Run] = []
    named = _Labels(labels or {})
    for folder in sorted(found):
        try:
            runs.append(_read(folder, named.of(folder)))
        except DataError as error:
            notes.append(f"{shortest(folder)}: {error}; left out.")
    named.check()
    return runs, notes


def shortest(path: Path) -> str:
    """The path relative to the current folder, if it lies in there."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


class _Labels:
    """Names of methods by folder; the innermost folder wins."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = {
            Path(path).absolute(): name for path, name in labels.items()
        }
        self.used: set[Path] = set()

    def of(self, folder: Path) -> str | None:
        fitting = [p for p in self.labels if folder.is_relative_to(p)]
        self.used.update(fitting)
        if not fitting:
            return None
        return self.labels[max(fitting, key=lambda path: len(path.parts))]

    def check(self) -> None:
        for path in self.labels:
            if path not in self.used:
                raise ConfigError(
                    f"A label is given to {str(path)!r}, below which there is "
                    "no run that is compared. Label one of the folders given."
                )


def _run_folders(root: Path) -> Iterator[Path]:
    """Folders with a manifest, and half-written ones among their siblings."""
    for folder, below, files in os.walk(root):
        if _MANIFEST in files or "resolved.yaml" in files:
            below.clear()
            yield Path(folder)
        below.sort()


def _read(folder: Path, label: str | None) -> Run:
    if not (folder / _MANIFEST).is_file():
        raise DataError("half-written: no manifest.json")
    manifest = _mapping(read_json(folder / _MANIFEST), _MANIFEST)
    if "status" not in manifest:
        raise DataError("not a run of keras-mtl: its manifest has no status")
    status = manifest["status"]
    if status != "finished":
        raise DataError(f"not finished (status: {status})")
    config = _mapping(_yaml(folder / "resolved.yaml"), "resolved.yaml")
    metrics = _mapping(read_json(folder / "metrics.json"), "metrics.json")
    return Run(folder, config, manifest, metrics, label)


def _yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataError(f"could not read {path.name}: {error}") from error


def _mapping(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataError(
            f"{name} holds {type(value).__name__}, not a mapping of names"
        )
    return value
