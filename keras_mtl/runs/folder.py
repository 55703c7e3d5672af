"""The folder that holds one run."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.runs.atomic import (
    disk_errors,
    read_json,
    sync,
    write_json,
    write_text,
)
from keras_mtl.runs.difference import differences
from keras_mtl.runs.folder_lock import FolderLock
from keras_mtl.runs.history import Row, read_history
from keras_mtl.runs.manifest import environment


class RunFolder:
    """One run on disk: configuration, manifest, logs, checkpoints, model.

    Make one with `create` or `open`.

    Args:
        path: The folder.
        resolved: The configuration after defaults and overrides.
        manifest: What the run was made with.
    """

    def __init__(
        self, path: Path, resolved: dict[str, Any], manifest: dict[str, Any]
    ) -> None:
        self.path = path
        self.resolved = resolved
        self.manifest = manifest
        self._lock = FolderLock(path)

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        config_text: str,
        resolved: Mapping[str, Any],
        command: list[str],
        overwrite: bool = False,
    ) -> RunFolder:
        """Makes a new run folder, whole or not at all.

        Args:
            path: Where; parents are made.
            config_text: The configuration as the user wrote it.
            resolved: The configuration after defaults and overrides.
            command: The command line, program first.
            overwrite: Replace the run that is there; it is deleted only once
                the new one stands.

        Returns:
            The run.

        Raises:
            ConfigError: If something is there that may not be replaced.
            DataError: If the disk is full or read-only.
        """
        path = Path(path).absolute()
        with disk_errors(path), _refused_or_locked(path, overwrite):
            new = path.with_name(f".{path.name}.new-{os.getpid()}")
            try:
                _write(new, config_text, dict(resolved), command)
                _swap(new, path)
            finally:
                shutil.rmtree(new, ignore_errors=True)
        return cls.open(path)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> RunFolder:
        """Opens a finished, interrupted or running run.

        Args:
            path: A run folder.

        Returns:
            The run.

        Raises:
            DataError: If the folder is missing or not that of a run.
        """
        path = Path(path).absolute()
        missing = [
            name
            for name in ("manifest.json", "resolved.yaml")
            if not (path / name).is_file()
        ]
        if missing:
            raise DataError(
                f"{str(path)!r} is not a run folder: expected "
                f"{' and '.join(missing)} in it. Give the folder that "
                "`keras-mtl fit` printed."
            )
        try:
            text = (path / "resolved.yaml").read_text(encoding="utf-8")
            resolved = yaml.safe_load(text)
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise DataError(
                f"Could not read {str(path / 'resolved.yaml')!r}: {error}."
            ) from error
        return cls(path, resolved or {}, read_json(path / "manifest.json"))

    def resume(self, resolved: Mapping[str, Any]) -> None:
        """Checks that a configuration continues this run.

        `fit.epochs` may have been raised, and is then recorded.

        Args:
            resolved: The configuration after defaults and overrides.

        Raises:
            ConfigError: If anything else differs; says what.
        """
        wanted = yaml.safe_load(_dumped(resolved)) or {}
        old, new = dict(self.resolved), dict(wanted)
        before = (old.get("fit") or {}).get("epochs")
        after = (new.get("fit") or {}).get("epochs")
        if before is not None and after is not None and after > before:
            old["fit"] = {**old["fit"], "epochs": after}
        changed = differences(old, new)
        if changed:
            raise ConfigError(
                f"The configuration does not match the run in "
                f"{str(self.path)!r}:\n  "
                + "\n  ".join(changed)
                + "\nUndo these changes to resume it (only fit.epochs may be "
                "raised), or choose another folder with --out."
            )
        if old != self.resolved:
            write_text(self.path / "resolved.yaml", _dumped(wanted))
            self.resolved = wanted

    def lock(self) -> FolderLock:
        """Context manager that keeps other processes out; it nests."""
        return self._lock

    def update(self, **fields: Any) -> None:
        """Adds to the manifest, on disk too."""
        self.manifest = {**self.manifest, **fields}
        write_json(self.path / "manifest.json", self.manifest)

    @property
    def logs(self) -> Path:
        """Folder of the TensorBoard files."""
        return self.path / "logs"

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints, which hold the resume state too."""
        return self.path / "checkpoints"

    @property
    def best_weights(self) -> Path:
        """Weights and state of the trainer at its best epoch."""
        return self.checkpoints / "best.weights.h5"

    @property
    def last_weights(self) -> Path:
        """Weights and state of the trainer at its last checkpoint."""
        return self.checkpoints / "last.weights.h5"

    @property
    def model_path(self) -> Path:
        """The plain Keras model."""
        return self.path / "model.keras"

    @property
    def metrics_path(self) -> Path:
        """The metrics of a finished run, JSON."""
        return self.path / "metrics.json"

    @property
    def history_path(self) -> Path:
        """The metrics of every epoch, CSV."""
        return self.path / "history.csv"

    @property
    def history(self) -> list[Row]:
        """One mapping an epoch; see `keras_mtl.runs.history`."""
        return read_history(self.history_path)


def _dumped(resolved: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(resolved), sort_keys=False)


def _write(
    folder: Path, text: str, resolved: dict[str, Any], command: list[str]
) -> None:
    for name in ("checkpoints", "logs"):
        (folder / name).mkdir(parents=True)
    write_text(folder / "config.yaml", text)
    write_text(folder / "resolved.yaml", _dumped(resolved))
    manifest = environment(command, resolved.get("seed"))
    write_json(folder / "manifest.json", manifest)


@contextlib.contextmanager
def _refused_or_locked(path: Path, overwrite: bool) -> Iterator[None]:
    """Checks that `path` may be replaced, and holds it meanwhile."""
    if path.exists() and not path.is_dir():
        raise ConfigError(
            f"{str(path)!r} is a file. Choose a folder with --out."
        )
    if not path.exists() or not any(path.iterdir()):
        yield
        return
    if not overwrite:
        raise ConfigError(
            f"The run folder {str(path)!r} is not empty. Continue it with "
            "--resume, replace it with --overwrite, or choose another "
            "folder with --out."
        )
    if not (path / "manifest.json").is_file():
        raise ConfigError(
            f"{str(path)!r} is not a run folder, so --overwrite will not "
            "delete it. Choose another folder with --out."
        )
    with FolderLock(path):
        yield


def _swap(new: Path, path: Path) -> None:
    """Puts `new` in the place of `path`, which is deleted afterwards."""
    old = path.with_name(f".{path.name}.old-{os.getpid()}")
    if path.exists():
        path.rename(old)
    try:
        new.rename(path)
    except OSError:
        if old.exists():
            old.rename(path)
        raise
    sync(path.parent)
    shutil.rmtree(old, ignore_errors=True)
