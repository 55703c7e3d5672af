"""Keeps the files of a data set within its folder."""

from __future__ import annotations

import os
from pathlib import Path


class FolderBounds:
    """Tells which paths lie below a folder, once links are followed.

    A table names files; one from a stranger must not make a run open what is
    elsewhere on the disk. Folders are looked up once each.

    Args:
        folder: The folder. It may be a link itself.
    """

    def __init__(self, folder: Path) -> None:
        self.home = os.path.realpath(folder)
        self._known: dict[str, bool] = {}

    def holds(self, path: str | Path) -> bool:
        """Whether a path stays below the folder.

        Args:
            path: A path, which need not exist: neither absolute and
                elsewhere, nor led out by `..` or a link.
        """
        path = os.fspath(path)
        if os.path.islink(path):
            path = os.path.realpath(path)
        parent, name = os.path.split(path)
        if name == "..":
            return False
        if parent not in self._known:
            self._known[parent] = self._encloses(parent)
        return self._known[parent]

    def _encloses(self, folder: str) -> bool:
        try:
            parts = [self.home, os.path.realpath(folder)]
            return os.path.commonpath(parts) == self.home
        except ValueError:  # a null character, or another drive
            return False
