"""Where in which file something was written."""

from __future__ import annotations

from dataclasses import dataclass

# Keys and indices from the root of a configuration to one value.
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Location:
    """A place to point at in an error.

    Args:
        source: File name, or the command-line option that set the value.
        line: Line, counted from 1; `None` where there are no lines.
        column: Column, counted from 1.
    """

    source: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        if self.line is None:
            return self.source
        return f"{self.source}:{self.line}:{self.column}"


def dotted(path: Path) -> str:
    """`("trainer", "groups", 0)` as `"trainer.groups[0]"`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
