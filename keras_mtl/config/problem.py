"""One thing wrong with a configuration, and the report of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keras_mtl.config.location import Location, Path, dotted
from keras_mtl.errors import ConfigError


@dataclass(frozen=True)
class Problem:
    """What is wrong, with which key, and where it was written.

    Args:
        path: The key.
        message: What was expected, what was received, how to fix it.
        location: Where, if it was written anywhere.
    """

    path: Path
    message: str
    location: Location | None = None

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        key = f"{dotted(self.path)}: " if self.path else ""
        return f"{where}{key}{self.message}"


def error_of(problems: Sequence[Problem]) -> ConfigError:
    """One error that lists every problem, in the order of the file."""
    lines = [str(problem) for problem in sorted(problems, key=_place)]
    if len(lines) == 1:
        return ConfigError(lines[0])
    listed = "".join(f"\n  {line}" for line in lines)
    return ConfigError(f"{len(lines)} problems in the configuration:{listed}")


def _place(problem: Problem) -> tuple[str, int, int, str]:
    location = problem.location or Location("")
    return (
        location.source,
        location.line or 0,
        location.column or 0,
        dotted(problem.path),
    )
