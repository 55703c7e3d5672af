"""What an export has written."""

from __future__ import annotations

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Exported:
    """A file or folder, read again in another process and compared.

    Args:
        path: Where it is.
        format: Its format, a key of `FORMATS`.
        tasks: Names of its outputs, sorted.
        parameters_before: Parameters of the model that was given, masks and
            averages included.
        parameters: Parameters of what was written.
        size: Bytes on disk.
        largest_difference: Largest difference of an output from the model's,
            over the largest output, or over 1 where that is smaller.
        needs_package: Whether reading it needs this package.
    """

    path: Path
    format: str
    tasks: tuple[str, ...]
    parameters_before: int
    parameters: int
    size: int
    largest_difference: float
    needs_package: bool
