"""A table read from text, with the place of every row."""

from __future__ import annotations

import csv
import gzip
import itertools
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.options import wrong
from keras_mtl.errors import ConfigError, DataError


@dataclass(frozen=True)
class Format:
    """How a table is written.

    Args:
        columns: Names of the columns, for a file without a header; `None`
            reads them from the first line.
        delimiter: One character between two cells, or `"whitespace"`.
        missing: Cells that hold nothing. The empty cell always does.
        comment: What a line that is left out begins with.
        strip: Characters cut off at the end of every cell that is no number.
    """

    columns: tuple[str, ...] | None = None
    delimiter: str = ","
    missing: tuple[str, ...] = ("?",)
    comment: str | None = None
    strip: str = ""

    def __post_init__(self) -> None:
        if self.delimiter != "whitespace" and len(self.delimiter) != 1:
            raise wrong(
                "delimiter", "one character, or 'whitespace'", self.delimiter
            )
        if self.columns is not None and len(set(self.columns)) < len(
            self.columns
        ):
            raise wrong("columns", "names that differ", list(self.columns))


@dataclass(frozen=True)
class Table:
    """Columns of text cells.

    Args:
        columns: Names of the columns.
        cells: The cells of each column; `""` is a missing one.
        places: File and line of each row, for messages.
        read_from: The files.
    """

    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    places: list[tuple[str, int]]
    read_from: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.places)

    def column(self, name: str, option: str = "columns") -> tuple[str, ...]:
        """The cells of a column.

        Args:
            name: Name of the column.
            option: The option that names it, for the message.

        Raises:
            DataError: If there is none.
        """
        if name not in self.columns:
            raise DataError(
                f"{', '.join(self.read_from)} has no column {name!r}, which "
                f"`data.{option}` names. There are: {', '.join(self.columns)}."
            )
        return self.cells[self.columns.index(name)]

    def numbers(
        self, name: str, option: str = "columns"
    ) -> NDArray[np.float64]:
        """A column as numbers; NaN where missing.

        Raises:
            DataError: At the first cell that is no finite number.
        """
        values = np.full(len(self), np.nan)
        for index, cell in enumerate(self.column(name, option)):
            if not cell:
                continue
            number = as_number(cell)
            if number is None:
                raise self.error(
                    index,
                    f"the cell {cell!r} of column {name!r} is no finite "
                    "number. Correct it, add it to `data.missing`, or list "
                    "the column in `data.categorical`.",
                )
            values[index] = number
        return values

    def take(self, index: Sequence[int] | NDArray[Any]) -> Table:
        """Some of the rows."""
        return Table(
            self.columns,
            tuple(tuple(cells[i] for i in index) for cells in self.cells),
            [self.places[i] for i in index],
            self.read_from,
        )

    def error(self, row: int, message: str) -> DataError:
        """An error about a row, with its file and line."""
        path, line = self.places[row]
        return DataError(f"{path}, line {line}: {message}")


def as_number(cell: str) -> float | None:
    """The finite number that a cell holds, if it does."""
    if not cell or cell[0].isalpha():  # a quarter of the time of an exception
        return None
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_table(path: Path, form: Format) -> Table:
    """Reads a table, plain or gzip.

    Args:
        path: The file, UTF-8.
        form: How it is written.

    Raises:
        DataError: If it is missing, unreadable or empty, or a row has another
            number of cells, by its line.
    """
    rows: list[list[str]] = []
    places = []
    columns = form.columns
    clean = _Clean(form)
    for line, cells in _cells(path, form):
        if columns is None:
            columns = _header(path, cells)
            continue
        if len(cells) != len(columns):
            raise DataError(
                f"{path}, line {line}: expected {len(columns)} cells "
                f"({', '.join(columns[:5])}, ...). Received: {len(cells)}. "
                "Correct the line, or `data.columns` and `data.delimiter`."
            )
        rows.append([clean[cell] for cell in cells])
        places.append((str(path), line))
    if not rows or columns is None:
        raise DataError(f"{path} holds no row. Get the original file again.")
    return _named(columns, rows, places, str(path))


def joined(tables: Sequence[Table]) -> Table:
    """The rows of several tables with the same columns, one after another.

    Raises:
        DataError: If their columns differ.
    """
    first = tables[0]
    for table in tables[1:]:
        if table.columns != first.columns:
            raise DataError(
                f"{table.read_from[0]} has the columns {table.columns}, and "
                f"{first.read_from[0]} {first.columns}. Give them the same."
            )
    return Table(
        first.columns,
        tuple(
            tuple(itertools.chain.from_iterable(parts))
            for parts in zip(*(table.cells for table in tables), strict=True)
        ),
        [place for table in tables for place in table.places],
        tuple(name for table in tables for name in table.read_from),
    )


def _cells(path: Path, form: Format) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every line that holds a row."""
    numbered = _lines(path)
    kept: list[int] = []

    def texts() -> Iterator[str]:
        for number, line in numbered:
            skipped = form.comment and line.startswith(form.comment)
            if line.strip() and not skipped:
                kept.append(number)
                yield line

    if form.delimiter == "whitespace":
        for text in texts():
            yield kept[-1], text.split()
        return
    reader = csv.reader(
        texts(), delimiter=form.delimiter, skipinitialspace=True
    )
    try:
        for cells in reader:
            yield kept[-1], cells
    except csv.Error as error:
        raise DataError(f"{path}, line {kept[-1]}: {error}.") from error


def _lines(path: Path) -> Iterable[tuple[int, str]]:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        text = data.decode("utf-8-sig")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"{path} is a damaged gzip file ({error}). Get it again."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8 text ({error.reason} at byte "
            f"{error.start}). Save it as UTF-8."
        ) from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}. Check "
            "`data.dir` and the name of the file."
        ) from error
    return enumerate(text.splitlines(keepends=True), 1)


def _header(path: Path, written: list[str]) -> tuple[str, ...]:
    cells = [cell.strip() for cell in written]
    named = [cell for cell in cells if cell]
    if len(set(named)) < len(named) or not named:
        raise DataError(
            f"{path}: the first line must name the columns, each once. "
            f"Received: {cells}. For a file without a header, give the names "
            "by `data.columns`."
        )
    return tuple(cells)


def _named(
    columns: Sequence[str],
    rows: list[list[str]],
    places: list[tuple[str, int]],
    path: str,
) -> Table:
    """Leaves out the columns without a name."""
    kept = {
        name: cells
        for name, cells in zip(columns, zip(*rows, strict=True), strict=True)
        if name
    }
    return Table(tuple(kept), tuple(kept.values()), places, (path,))


class _Clean(dict[str, str]):
    """From a cell as written to its value; most cells occur many times."""

    def __init__(self, form: Format) -> None:
        super().__init__()
        self.form = form

    def __missing__(self, written: str) -> str:
        cell = written.strip()
        if cell and cell[-1] in self.form.strip and as_number(cell) is None:
            cell = cell.rstrip(self.form.strip)
        self[written] = "" if cell in self.form.missing else cell
        return self[written]


def check_rows(table: Table, what: str) -> None:
    """Refuses a split without rows.

    Raises:
        ConfigError: If there is none.
    """
    if not len(table):
        raise ConfigError(
            f"There is no row for {what}. Check `data.split`, "
            "`data.validation` and `data.test`."
        )
