"""history.csv: one row an epoch."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from keras_mtl.errors import DataError
from keras_mtl.runs.atomic import write_text

# Epochs done (from 1), training batches done in all, wall time in seconds.
COUNTERS = ("epoch", "step", "seconds")

Row = dict[str, float]


def read_history(path: Path) -> list[Row]:
    """Reads the rows of a history.

    Args:
        path: A CSV file, which may not exist yet.

    Returns:
        One mapping of column to number a row; empty cells are left out, and
        the counters but `seconds` are integers.

    Raises:
        DataError: If a cell is not a number.
    """
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [_parsed(row) for row in csv.DictReader(file)]
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"{str(path)!r} is not a history of numbers: {error}. Restore it "
            "from a copy, or delete it to start a new one."
        ) from error


def write_history(path: Path, rows: Iterable[Row]) -> None:
    """Replaces the history in one step; columns are the union of the rows'.

    Args:
        path: The CSV file.
        rows: Rows in the order of epochs.
    """
    rows = list(rows)
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [*COUNTERS, *(name for name in names if name not in COUNTERS)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def _parsed(row: dict[str, str]) -> Row:
    whole = {"epoch", "step"}
    return {
        name: int(cell) if name in whole else float(cell)
        for name, cell in row.items()
        if cell
    }
