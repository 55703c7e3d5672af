"""Tables about images: spreadsheets, text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from keras_mtl.datasets.tables.table import Format, Table, read_table
from keras_mtl.errors import DataError

_HEADER_ROWS = 10


def read_index(path: Path, column: str, sheet: str | None = None) -> Table:
    """Reads a table that says something of each image.

    Args:
        path: A spreadsheet (`.xlsx`), JSON (a list of objects, or an object
            of them) or a text with commas.
        column: A column that it has. A spreadsheet may have titles above the
            row of names, which is the first with this cell.
        sheet: Name of the sheet. Defaults to the first.

    Returns:
        The table; its places are rows, or the number of the object.

    Raises:
        DataError: If the file or the column is missing, or cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        rows = list(_spreadsheet(path, sheet))
        place = f"{path}, sheet {sheet!r}" if sheet else str(path)
        return _table(rows, column, place)
    if suffix == ".json":
        return _objects(path)
    return read_table(path, Format())


def _spreadsheet(
    path: Path, sheet: str | None
) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every row that is not empty."""
    try:
        import openpyxl
    except ImportError as error:
        raise DataError(
            f"{path} is a spreadsheet, which openpyxl reads: pip install "
            "'keras-mtl[medical]'."
        ) from error
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # zip, XML and key errors, by what is damaged
        raise DataError(
            f"{path} is not a readable spreadsheet ({error}). Get the "
            "original file again."
        ) from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise DataError(
                f"{path} has no sheet {sheet!r}. There are: "
                f"{', '.join(book.sheetnames)}."
            )
        page = book[sheet] if sheet else book.worksheets[0]
        for number, cells in enumerate(page.iter_rows(values_only=True), 1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield number, texts
    finally:
        book.close()


def _table(rows: list[tuple[int, list[str]]], column: str, place: str) -> Table:
    start = next(
        (
            index
            for index, (_, cells) in enumerate(rows[:_HEADER_ROWS])
            if column in cells
        ),
        None,
    )
    if start is None:
        found = rows[0][1] if rows else []
        raise DataError(
            f"{place} has no column {column!r}. Its first row: "
            f"{', '.join(cell for cell in found if cell) or 'nothing'}. Get "
            "the original file again, or correct the layout."
        )
    names = rows[start][1]
    body = rows[start + 1 :]
    if not body:
        raise DataError(f"{place} holds no row below the names of columns.")
    # The names of the images may stand in a first column without a name.
    kept = [
        i
        for i, name in enumerate(names)
        if (name or i == 0) and names.index(name) == i
    ]
    return Table(
        tuple(names[i] for i in kept),
        tuple(tuple(cells[i] for _, cells in body) for i in kept),
        [(place, number) for number, _ in body],
        (place,),
    )


def _objects(path: Path) -> Table:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} is not readable JSON ({error}). Get the original file "
            "again."
        ) from error
    rows = list(found.values()) if isinstance(found, dict) else found
    good = isinstance(rows, list) and all(isinstance(r, Mapping) for r in rows)
    if not good or not rows:
        raise DataError(
            f"{path} must hold a list of objects, one an image, or an object "
            "of them. Get the original file again."
        )
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    return Table(
        names,
        tuple(tuple(_text(row.get(name)) for row in rows) for name in names),
        [(str(path), number) for number in range(1, len(rows) + 1)],
        (str(path),),
    )


def _text(cell: Any) -> str:
    """A cell as text; whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
