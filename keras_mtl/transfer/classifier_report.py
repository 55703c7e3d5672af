"""What the classes of a classifier were built from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ClassOrigin:
    """What one target class was built from.

    Args:
        target: Name of the class.
        sources: Source class to its share, above 0, the largest first; empty
            if the class kept the weights that its initializer drew.
        similarities: Source class to its similarity.
        k: How many sources it could be built from.
        class_type: `"included"`, `"inclusive"`, `"disjoint"`, or `None`.
    """

    target: str
    sources: Mapping[str, float]
    similarities: Mapping[str, float]
    k: int
    class_type: str | None = None

    @property
    def is_random(self) -> bool:
        """Whether no source class was similar to it."""
        return not self.sources


@dataclass(frozen=True)
class ClassifierReport:
    """What every class of a classifier was built from.

    Args:
        origins: One entry a target class, in their order.
        notes: What could not be looked up.
    """

    origins: tuple[ClassOrigin, ...]
    notes: tuple[str, ...] = ()

    columns = ("class", "type", "K", "built from")

    def rows(self) -> list[list[str]]:
        """A table: class, type, K, and its sources with their shares."""
        return [
            [
                origin.target,
                origin.class_type or "-",
                str(origin.k),
                _described(origin),
            ]
            for origin in self.origins
        ]

    def to_json(self) -> str:
        """The report as JSON, with every share and similarity."""
        return json.dumps(self.as_dict(), indent=2)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "classes": [asdict(origin) for origin in self.origins],
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        table = [list(self.columns), *self.rows()]
        widths = [max(len(row[i]) for row in table) for i in range(4)]
        lines = [
            "  ".join(
                cell.ljust(width)
                for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in table
        ]
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])


def _described(origin: ClassOrigin) -> str:
    if origin.is_random:
        return "its initializer: no source class is similar"
    return ", ".join(
        f"{name} {share:.0%}" for name, share in origin.sources.items()
    )
