"""Files that are either the old ones or the new ones, never half of each."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keras_mtl.errors import DataError

TEMPORARY = ".tmp-"


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns an operating system's error into one that names the fix.

    Args:
        path: What is being written, for the message.

    Raises:
        DataError: If the block raises an `OSError` of another kind.
    """
    try:
        yield
    except DataError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(
            f"Could not write {str(path)!r}: {reason}. What was there before "
            "is intact. Free space, or make the folder writable, and "
            "continue with --resume."
        ) from error


@contextlib.contextmanager
def replacing(path: Path, sync_folder: bool = True) -> Iterator[Path]:
    """A temporary name that takes the place of `path` once written whole.

    Args:
        path: The file to write or replace.
        sync_folder: Wait until the new name is on the disk; where several
            files are replaced, the caller does that once.

    Yields:
        A path in the same folder with the same ending. On an exception it is
        removed, and `path` stays as it was.

    Raises:
        DataError: If the disk is full or read-only.
    """
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    with disk_errors(path):
        try:
            yield temporary
            sync(temporary)
            temporary.replace(path)
            if sync_folder:
                sync(path.parent)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()


def remove_temporary(folder: Path) -> None:
    """Removes what a killed process left half-written in a folder."""
    for path in folder.glob(f"{TEMPORARY}*"):
        with contextlib.suppress(OSError):
            path.unlink()


def sync(path: Path) -> None:
    """Waits until a file, or the entries of a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str, sync_folder: bool = True) -> None:
    """Replaces a text file (UTF-8) in one step; see `replacing`."""
    with replacing(path, sync_folder) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any, sync_folder: bool = True) -> None:
    """Replaces a JSON file in one step; non-finite numbers become null."""
    text = json.dumps(_finite(value), indent=2) + "\n"
    write_text(path, text, sync_folder)


def read_json(path: Path) -> Any:
    """Reads a JSON file.

    Raises:
        DataError: If the file is missing or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"Could not read {str(path)!r}: {error}.") from error


def sha256(path: Path) -> str:
    """Hexadecimal checksum of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
