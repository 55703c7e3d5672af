"""Finds run folders and reads them; what cannot be read is said."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.report.files import read_mapping, read_yaml, shortest
from keras_mtl.report.run import Run
from keras_mtl.report.sweep import FILES, Sweep, joined, read_sweep
from keras_mtl.runs.atomic import read_json

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Reading:
    """What was found below some folders.

    Args:
        runs: The finished runs, sorted by path.
        notes: About folders that are no finished runs.
        sweep: What sweep files say of the table.
    """

    runs: list[Run]
    notes: list[str] = field(default_factory=list)
    sweep: Sweep = field(default_factory=Sweep)


def read_runs(
    paths: Sequence[str | os.PathLike[str]],
    labels: Mapping[str, str] | None = None,
) -> Reading:
    """Reads every run below some folders.

    Args:
        paths: Run folders, sweep folders, or any folders that hold some.
        labels: Folder to the name of the method of the runs below it; comes
            before what a sweep calls them.

    Returns:
        The runs and what there is to say of the rest.

    Raises:
        ConfigError: If a path does not exist, or a label names none of
            the runs.
    """
    folders: dict[Path, None] = {}
    sweeps: dict[Path, Sweep] = {}
    notes: list[str] = []
    for path in paths:
        root = Path(path).absolute()
        if not root.is_dir():
            raise ConfigError(
                f"{str(path)!r} is not a folder. Give run folders or sweep "
                "folders."
            )
        below = list(_folders(root))
        folders |= dict.fromkeys(f for f, is_sweep in below if not is_sweep)
        sweeps |= {f: read_sweep(f) for f, is_sweep in below if is_sweep}
        if not below:
            notes.append(
                f"{path}: not a run folder, and none below it; left out."
            )
    sweep = joined([sweeps[folder] for folder in sorted(sweeps)])
    named = _Labels(labels or {})
    runs: list[Run] = []
    for folder in sorted(folders):
        label = named.of(folder) or sweep.labels.get(folder)
        try:
            runs.append(_read(folder, label))
        except DataError as error:
            known = sweep.problems.get(folder)
            text = known or f"{shortest(folder)}: {error}"
            notes.append(f"{text}; left out.")
    named.check()
    return Reading(runs, [*notes, *sweep.notes], sweep)


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


def _folders(root: Path) -> Iterator[tuple[Path, bool]]:
    """Folders of runs, half-written ones too, and (`True`) of sweeps."""
    for folder, below, files in os.walk(root):
        if set(FILES) <= set(files):
            yield Path(folder), True
        elif _MANIFEST in files or "resolved.yaml" in files:
            below.clear()
            yield Path(folder), False
        below.sort()


def _read(folder: Path, label: str | None) -> Run:
    if not (folder / _MANIFEST).is_file():
        raise DataError("half-written: it has no manifest.json")
    manifest = read_mapping(read_json(folder / _MANIFEST), _MANIFEST)
    if "status" not in manifest:
        raise DataError("not a run of keras-mtl: its manifest has no status")
    status = manifest["status"]
    if status != "finished":
        raise DataError(f"not finished (status: {status})")
    config = read_mapping(read_yaml(folder / "resolved.yaml"), "resolved.yaml")
    metrics = read_mapping(read_json(folder / "metrics.json"), "metrics.json")
    return Run(folder, config, manifest, metrics, label)
