"""The files below a folder, found by patterns."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from keras_mtl.datasets.files.listing import natural
from keras_mtl.errors import DataError

_TOKEN = re.compile(r"\*\*/|\*|\{[^{}]*\}|[^*{}]+")
_LEFT_OUT = ("__MACOSX",)


class FileIndex:
    """Lists a folder once, and finds files in it.

    A pattern is a path from the folder, letters of either case alike:
    `{id}` is the name of a sample, the same wherever it occurs, and
    `{id:*OD}` one of this form; `*` anything within one name; `**/` any
    folders, or none; `{jpg,png}` one of these.

    Args:
        folder: The folder. Hidden files are left out.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names = sorted(_walk(folder), key=natural)

    def samples(self, pattern: str) -> dict[str, str]:
        """The files that a pattern with `{id}` names.

        Returns:
            Id to path, in natural order; may be empty.

        Raises:
            DataError: If two files have the same id.
        """
        expression = compiled(pattern)
        found: dict[str, str] = {}
        for name in self.names:
            match = expression.fullmatch(name)
            if match is None:
                continue
            path = str(self.folder / name)
            if match["id"] in found:
                raise DataError(
                    f"{path} and {found[match['id']]} are both the file of "
                    f"{match['id']!r} ({pattern}). Remove one of them."
                )
            found[match["id"]] = path
        return found

    def one(self, pattern: str, what: str) -> Path:
        """The only file that a pattern names.

        Args:
            pattern: The pattern, without `{id}`.
            what: What is in the file, for the message.

        Raises:
            DataError: If there is none, or several.
        """
        expression = compiled(pattern)
        found = [name for name in self.names if expression.fullmatch(name)]
        if len(found) == 1:
            return self.folder / found[0]
        there = f"There are: {', '.join(found[:4])}" if found else "It is not"
        raise DataError(
            f"Expected one file {pattern} below {self.folder}, with {what}. "
            f"{there}{'.' if found else ' there.'} Unpack the release again, "
            "or correct the layout."
        )


def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern of `FileIndex`."""
    parts, has_id = [], False
    for token in _TOKEN.findall(pattern):
        if token == "**/":
            parts.append("(?:.*/)?")
        elif token == "*":
            parts.append("[^/]*")
        elif token == "{id}" or token.startswith("{id:"):
            form = _form(token[4:-1])
            parts.append("(?P=id)" if has_id else f"(?P<id>{form})")
            has_id = True
        elif token.startswith("{"):
            words = token[1:-1].split(",")
            parts.append(f"(?:{'|'.join(map(re.escape, words))})")
        else:
            parts.append(re.escape(token))
    return re.compile("".join(parts), re.IGNORECASE)


def _form(glob: str) -> str:
    """The regular expression of a sample's name; any name by default."""
    if not glob:
        return "[^/]+?"
    return "[^/]*".join(re.escape(part) for part in glob.split("*"))


def _walk(folder: Path) -> Iterator[str]:
    """Paths of files from the folder; linked folders are followed once."""
    seen: set[str] = set()
    for home, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(home)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and name not in _LEFT_OUT
        ]
        below = Path(home).relative_to(folder)
        for name in files:
            if not name.startswith("."):
                yield (below / name).as_posix()
