"""Labels of images in a spreadsheet, or another table."""

from __future__ import annotations

import os

from keras_mtl.datasets.fundus.file_index import FileIndex, compiled
from keras_mtl.datasets.fundus.rule import Rule
from keras_mtl.datasets.tables.index_file import read_index
from keras_mtl.datasets.tables.table import Table, as_number

_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")


class LabelTable:
    """The table of one task.

    Args:
        index: The files.
        task: Name of the task.
        rule: Where the table is, and what its cells mean.

    Raises:
        DataError: If the table or a column is missing.
    """

    def __init__(self, index: FileIndex, task: str, rule: Rule) -> None:
        self.task = task
        self.options = rule.options
        what = f"the labels of task {task!r}"
        self.path = index.one(self.options["table"], what)
        # A column without a name is found by another.
        known = self.options["id"] or self.options.get("column", "")
        self.table: Table = read_index(
            self.path, known, self.options.get("sheet")
        )
        self._rows = compiled(self.options.get("rows", "{id}"))

    def key(self, name: str) -> str:
        """What the table calls an image."""
        prefix, _, suffix = self.options.get("name", "{cell}").partition(
            "{cell}"
        )
        return name.removeprefix(prefix).removesuffix(suffix)

    def answers(self) -> dict[str, float | None]:
        """Id to 1 or 0; `None` where the cell is empty.

        Raises:
            DataError: At the first row with another cell.
        """
        cells = self.table.column(self.options["column"], "layout")
        meaning: dict[str, float | None]
        meaning = {str(cell): 1.0 for cell in self.options["yes"]}
        meaning |= {str(cell): 0.0 for cell in self.options["no"]}
        found: dict[str, float | None] = {}
        unknown = self.options.get("unlabelled", ())
        meaning |= {str(cell): None for cell in unknown}
        for row, (name, cell) in enumerate(
            zip(self._ids(), cells, strict=True)
        ):
            if name is None:
                continue
            if cell and cell not in meaning:
                raise self.table.error(
                    row,
                    f"the cell {cell!r} of column {self.options['column']!r}, "
                    f"the label of task {self.task!r}, must be one of "
                    f"{', '.join(meaning)}. Correct it.",
                )
            self._check_new(row, name, found)
            found[name] = meaning[cell] if cell else None
        return found

    def points(self) -> dict[str, tuple[float, float, str] | None]:
        """Id to x, y and the place of the row.

        Raises:
            DataError: At the first row with a cell that is no number.
        """
        columns = [self.options["x"], self.options["y"]]
        cells = zip(
            self._ids(),
            *(self.table.column(name, "layout") for name in columns),
            strict=True,
        )
        found: dict[str, tuple[float, float, str] | None] = {}
        for row, (name, *pair) in enumerate(cells):
            if name is None:
                continue
            numbers = [as_number(cell) for cell in pair]
            for column, cell, number in zip(
                columns, pair, numbers, strict=True
            ):
                if cell and number is None:
                    raise self.table.error(
                        row,
                        f"the cell {cell!r} of column {column!r}, a "
                        f"coordinate of task {self.task!r}, is no finite "
                        "number. Correct it.",
                    )
            self._check_new(row, name, found)
            x, y = numbers
            path, line = self.table.places[row]
            place = f"{path}, line {line}"
            is_known = x is not None and y is not None
            found[name] = (x, y, place) if is_known else None  # type: ignore[assignment]
        return found

    def _ids(self) -> list[str | None]:
        """The image that each row is about; `None`: about none."""
        pattern = self.options.get("name", "{cell}")
        digits = int(self.options.get("digits", 0))
        names: list[str | None] = []
        for cell in self.table.column(self.options["id"], "layout"):
            if "rows" in self.options:
                match = self._rows.fullmatch(cell)
                if match is None:
                    names.append(None)
                    continue
                cell = match["id"]
            stem, suffix = os.path.splitext(cell)
            written = stem if suffix.lower() in _SUFFIXES else cell
            names.append(pattern.replace("{cell}", written.zfill(digits)))
        return names

    def _check_new(self, row: int, name: str, found: object) -> None:
        if name in found:  # type: ignore[operator]
            raise self.table.error(
                row,
                f"the image {name!r} has a row above already. Remove one of "
                "the two.",
            )
