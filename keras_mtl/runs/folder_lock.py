"""One process at a time in a run folder."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType

from keras_mtl.errors import ConfigError
from keras_mtl.runs.atomic import disk_errors

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class FolderLock:
    """Keeps other processes out of a folder; entered again, it counts.

    The kernel holds the lock and lets go of it when its process dies, however
    it dies, so a stale file never blocks a run. Without `fcntl` (Windows)
    nothing is locked.

    Args:
        folder: An existing folder. The lock is its file `.lock`, which stays
            behind, empty, when the lock is released.

    Raises:
        ConfigError: On entering, if another holder lives.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".lock"
        self._depth = 0
        self._descriptor = -1

    def __enter__(self) -> FolderLock:
        if self._depth == 0:
            self._acquire()
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)

    def _acquire(self) -> None:
        with disk_errors(self.path):
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise ConfigError(
                f"The run folder {str(self.path.parent)!r} is in use by "
                f"process {holder or '(unknown)'}. Wait for it to end, or "
                "choose another folder with --out."
            ) from error
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        self._descriptor = descriptor
