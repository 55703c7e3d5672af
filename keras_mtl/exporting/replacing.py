"""A file or folder that appears whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from keras_mtl.errors import DataError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name that takes the place of `path` in the end.

    Args:
        path: File or folder to write or replace. Missing parents are made.

    Yields:
        A path in the same folder with the same ending. On an exception it is
        removed, and `path` stays as it was.

    Raises:
        DataError: If the disk is full or read-only.
    """
    temporary = path.with_name(f".tmp-{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _sync(temporary)
        _put(temporary, path)
    except OSError as error:
        if isinstance(error, DataError):
            raise
        reason = error.strerror or str(error)
        raise DataError(
            f"Could not write {str(path)!r}: {reason}. Nothing of it was "
            "left. Free space, or choose a folder that is writable."
        ) from error
    finally:
        _remove(temporary)


def _put(new: Path, path: Path) -> None:
    if not path.is_dir():
        new.replace(path)
        return
    # A folder that is not empty cannot be replaced in one step.
    old = path.with_name(f".old-{os.getpid()}-{path.name}")
    path.rename(old)
    try:
        new.rename(path)
    except OSError:
        old.rename(path)
        raise
    _remove(old)


def _sync(path: Path) -> None:
    """Waits until everything is on the disk."""
    for part in (path, *(path.rglob("*") if path.is_dir() else ())):
        descriptor = os.open(part, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):
        path.unlink()
