"""The checkpoints of a run: last, the one before it, and best."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from keras_mtl.errors import DataError
from keras_mtl.runs.atomic import (
    TEMPORARY,
    disk_errors,
    read_json,
    remove_temporary,
    replacing,
    sha256,
    sync,
    write_json,
)
from keras_mtl.runs.checkpoint import Checkpoint
from keras_mtl.runs.reporting import say


class Checkpoints:
    """Writes and reads the checkpoints of one run.

    Every `<name>.weights.h5` has a `<name>.json` beside it, with the place it
    was written at and the checksum of the weights. A process killed at any
    moment leaves at least one pair that fits together: weights are written
    under a temporary name, then last becomes previous, then the new becomes
    last. There is no other resume state, so no `backup/`.

    Args:
        folder: The folder of the checkpoints; it is made if need be.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        # Whether this process knows that last is whole.
        self._last_is_whole: bool | None = None

    def save(
        self,
        trainer: Any,
        checkpoint: Checkpoint,
        *,
        last: bool = True,
        best: bool = False,
    ) -> None:
        """Writes a checkpoint as last, as best, or as both.

        Args:
            trainer: What to save, with `save_weights`.
            checkpoint: Where it stands.
            last: Write it as the newest; the one before it is kept.
            best: Write it as the best.

        Raises:
            DataError: If the disk is full or read-only; the checkpoints
                there are intact.
        """
        with self._saved(trainer) as weights:
            entry = dataclasses.asdict(checkpoint)
            entry["sha256"] = sha256(weights)
            # Best first: killed in between, the epoch is done again.
            if best:
                self._install_best(weights, entry)
            if last:
                self._install_last(weights, entry)
            sync(self.folder)

    def load_last(self, trainer: Any) -> Checkpoint | None:
        """Restores the newest checkpoint that is whole.

        Args:
            trainer: What to restore, with `load_weights`.

        Returns:
            Where it stands, or None if there is no checkpoint.

        Raises:
            DataError: If there are checkpoints and every one is damaged, or
                they do not fit the trainer.
        """
        weights = [self._weights(name) for name in ("last", "previous")]
        entries = [self._entry(name) for name in ("last", "previous")]
        digests = {sha256(path): path for path in weights if path.exists()}
        for entry in entries:
            path = digests.get(entry.get("sha256", ""))
            if path is None:
                continue
            if entry is not entries[0]:
                say(f"{weights[0]} is damaged; using the one before it.")
            return _restored(trainer, path, entry)
        if digests or any(entries):
            raise self._damaged("Both checkpoints", weights)
        return None

    def best(self) -> Checkpoint | None:
        """The place of the best checkpoint, or None if it is not whole."""
        entry = self._best_entry()
        return None if entry is None else Checkpoint.from_entry(entry)

    def load_best(self, trainer: Any) -> Checkpoint:
        """Restores the best checkpoint.

        Args:
            trainer: What to restore, with `load_weights`.

        Returns:
            Where it stands.

        Raises:
            DataError: If it is missing, damaged, or does not fit.
        """
        entry = self._best_entry()
        path = self._weights("best")
        if entry is None:
            raise self._damaged("The best checkpoint", [path])
        return _restored(trainer, path, entry)

    def clear(self) -> None:
        """Removes all checkpoints, for a run that starts at the beginning."""
        for name in ("last", "previous", "best"):
            for path in (self._weights(name), self._json(name)):
                path.unlink(missing_ok=True)

    def clean(self) -> None:
        """Removes what a killed process left half-written."""
        remove_temporary(self.folder)

    @contextlib.contextmanager
    def _saved(self, trainer: Any) -> Iterator[Path]:
        path = self.folder / f"{TEMPORARY}{os.getpid()}-new.weights.h5"
        with disk_errors(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                try:
                    trainer.save_weights(path)
                except RuntimeError as error:  # h5py, when it cannot flush
                    raise OSError(str(error)) from error
                sync(path)
                yield path
            finally:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _install_last(self, weights: Path, entry: dict[str, Any]) -> None:
        last = self._weights("last")
        if self._last_is_whole is None:
            self._last_is_whole = self._is_whole("last")
        if self._last_is_whole:
            self._last_is_whole = None
            last.replace(self._weights("previous"))
            self._json("last").replace(self._json("previous"))
        weights.replace(last)
        write_json(self._json("last"), entry, sync_folder=False)
        self._last_is_whole = True

    def _install_best(self, weights: Path, entry: dict[str, Any]) -> None:
        """Names old and new best until the weights have changed over."""
        replaced = self._best_entry() if self._json("best").exists() else None
        both = {**entry, "replaces": replaced}
        write_json(self._json("best"), both, sync_folder=False)
        with replacing(self._weights("best"), sync_folder=False) as temporary:
            try:
                os.link(weights, temporary)
            except OSError:  # no hard links here
                shutil.copyfile(weights, temporary)
        write_json(self._json("best"), entry, sync_folder=False)

    def _best_entry(self) -> dict[str, Any] | None:
        path = self._weights("best")
        if not path.exists():
            return None
        digest, entry = sha256(path), self._entry("best")
        for candidate in (entry, entry.get("replaces") or {}):
            if candidate.get("sha256") == digest:
                return dict(candidate)
        return None

    def _is_whole(self, name: str) -> bool:
        path = self._weights(name)
        recorded = self._entry(name).get("sha256")
        return path.exists() and sha256(path) == recorded

    def _entry(self, name: str) -> dict[str, Any]:
        try:
            entry = read_json(self._json(name))
        except DataError:
            return {}
        return entry if isinstance(entry, dict) else {}

    def _weights(self, name: str) -> Path:
        return self.folder / f"{name}.weights.h5"

    def _json(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _damaged(self, what: str, paths: list[Path]) -> DataError:
        names = ", ".join(repr(str(path)) for path in paths)
        return DataError(
            f"{what} of this run ({names}) are missing or damaged: the "
            "checksum differs from the one recorded beside the weights. "
            "Restore the files from a copy, or start again with --overwrite."
        )


def _restored(trainer: Any, path: Path, entry: Mapping[str, Any]) -> Checkpoint:
    try:
        trainer.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"The checkpoint {str(path)!r} does not fit this trainer: "
            f"{error} Was the model's code changed since it was written? "
            "Undo that, or start again with --overwrite."
        ) from error
    return Checkpoint.from_entry(entry)
