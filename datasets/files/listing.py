"""Finding files in the folders of a release."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_mtl.datasets.options import wrong
from keras_mtl.errors import DataError

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")
ARRAYS = (".npy",)


def root(directory: Any, what: str) -> Path:
    """The folder of a data set.

    Args:
        directory: `data.dir`.
        what: What should be in it and where it comes from, for messages.

    Raises:
        ConfigError: If none is given.
        DataError: If it is no folder.
    """
    if not isinstance(directory, str | Path) or not str(directory):
        raise wrong("dir", f"the folder with {what}", directory)
    path = Path(directory).expanduser()
    if not path.is_dir():
        raise DataError(
            f"`data.dir` is {str(path)!r}, which is not a folder. Give the "
            f"folder with {what}."
        )
    return path


def require_parts(folder: Path, parts: Sequence[str], what: str) -> None:
    """Checks that files and folders are there.

    Args:
        folder: The folder of the data set.
        parts: Paths below it.
        what: As in `root`.

    Raises:
        DataError: If some are missing, by name.
    """
    missing = [part for part in parts if not (folder / part).exists()]
    if missing:
        there = sorted(os.listdir(folder))
        found = ", ".join(there[:8]) + (", ..." if len(there) > 8 else "")
        raise DataError(
            f"{folder} lacks {', '.join(missing)}: expected {what}. There: "
            f"{found or 'nothing'}. Give another `data.dir`, or unpack the "
            "release again."
        )


def by_stem(
    folder: Path, suffixes: Sequence[str], ending: str = ""
) -> dict[str, str]:
    """The files of a folder, in natural order: 2 before 10.

    Args:
        folder: The folder.
        suffixes: Those that count, in lower case.
        ending: What the stem must end with; it is cut off.

    Returns:
        Stem to path.

    Raises:
        DataError: If the folder is missing or holds no such file.
    """
    if not folder.is_dir():
        raise DataError(
            f"The folder {folder} is missing. Unpack the release again, or "
            "give another `data.dir`."
        )
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            stem, suffix = os.path.splitext(entry.name)
            if suffix.lower() in suffixes and stem.endswith(ending):
                found[stem.removesuffix(ending)] = entry.path
    if not found:
        raise DataError(
            f"The folder {folder} holds no file with the ending "
            f"{' or '.join(ending + suffix for suffix in suffixes)}. Unpack "
            "the release again, or give another `data.dir`."
        )
    return {stem: found[stem] for stem in sorted(found, key=natural)}


def matched(kinds: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Checks that every sample has a file of every kind.

    Args:
        kinds: Name of a field to its files by stem.

    Returns:
        Name of a field to its files; all in the order of the first.

    Raises:
        DataError: If one is missing, by name.
    """
    first, *others = kinds
    for other in others:
        for has, lacks in ((first, other), (other, first)):
            extra = [stem for stem in kinds[has] if stem not in kinds[lacks]]
            if extra:
                path = kinds[has][extra[0]]
                home = os.path.dirname(next(iter(kinds[lacks].values())))
                raise DataError(
                    f"{len(extra)} file(s) have no counterpart in {home}; the "
                    f"first is {path}. Half of the data seems to be missing: "
                    "unpack the release again."
                )
    stems = list(kinds[first])
    return {name: [kinds[name][stem] for stem in stems] for name in kinds}


def natural(text: str) -> list[Any]:
    """A key that sorts numbers in names by value."""
    parts = re.split(r"(\d+)", text)
    return [
        (1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts
    ]
