"""A task whose labels are a column of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.options import wrong
from keras_mtl.datasets.tables.table import Table, as_number
from keras_mtl.datasets.task_spec import TaskSpec

KINDS = ("classification", "binary", "regression")
_KEYS = {
    "classification": ("kind", "column", "classes"),
    "binary": ("kind", "column", "columns", "positive"),
    "regression": ("kind", "column", "columns", "standardise"),
}


@dataclass(frozen=True)
class ColumnTask:
    """What a task predicts, and how it is read. Made by `column_task`.

    Args:
        spec: The task.
        columns: The columns with its labels.
        classes: Of a classification, the cell of each class.
        positive: Of a yes/no task, the cells that mean yes; `None`: 1 is yes
            and 0 no.
        mean: Taken off the values of a regression, one a column.
        std: What they are divided by then.
    """

    spec: TaskSpec
    columns: tuple[str, ...]
    classes: tuple[str, ...] = ()
    positive: tuple[str, ...] | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def labels(self, table: Table) -> NDArray[np.float64]:
        """Labels of all rows, NaN where missing.

        Returns:
            Shape `(num_rows,)` of a classification, else `(num_rows,
            num_columns)`.

        Raises:
            DataError: At the first row whose label is none of this task.
        """
        option = f"tasks.{self.spec.name}"
        if self.spec.kind == "classification":
            return self._classes(table, option)
        if self.positive is not None:
            return np.stack(
                [self._answers(table, name, option) for name in self.columns],
                axis=1,
            )
        values = np.stack(
            [table.numbers(name, option) for name in self.columns], axis=1
        )
        if self.spec.kind == "regression":
            scaled = (values - np.array(self.mean)) / np.array(self.std)
            return np.asarray(scaled, np.float64)
        wrong_rows = ~(np.isnan(values) | (values == 0) | (values == 1))
        if wrong_rows.any():
            row, column = np.argwhere(wrong_rows)[0]
            raise table.error(
                int(row),
                f"the label of task {self.spec.name!r} in column "
                f"{self.columns[column]!r} must be 0 or 1. Received: "
                f"{values[row, column]:g}. Say which cells mean yes by "
                f"`data.{option}.positive`.",
            )
        return values

    def _classes(self, table: Table, option: str) -> NDArray[np.float64]:
        ids = {cell: index for index, cell in enumerate(self.classes)}
        labels = np.full(len(table), np.nan)
        for row, cell in enumerate(table.column(self.columns[0], option)):
            if cell and (found := _class_of(cell, ids)) is None:
                raise table.error(
                    row,
                    f"the label {cell!r} of task {self.spec.name!r} (column "
                    f"{self.columns[0]!r}) is none of its classes "
                    f"{list(self.classes)}. Correct it, or list all classes "
                    f"in `data.{option}.classes`.",
                )
            if cell:
                labels[row] = found
        return labels

    def _answers(
        self, table: Table, name: str, option: str
    ) -> NDArray[np.float64]:
        cells = table.column(name, option)
        yes = set(self.positive or ())
        return np.array([float(c in yes) if c else np.nan for c in cells])


def column_task(
    name: str, block: Any, train: Table, kinds: tuple[str, ...] = KINDS
) -> ColumnTask:
    """Reads the block of a task.

    Args:
        name: Name of the task.
        block: `kind`; `column`, or `columns` for several outputs (default:
            the name of the task); `classes` of a classification (default:
            the cells of the training rows, sorted); `positive`, the cells
            that mean yes, of a binary task; `standardise`, of a regression.
        train: The training rows.
        kinds: The kinds that are possible, for the message.

    Raises:
        ConfigError: If the block is wrong.
        DataError: If a column is missing.
    """
    option = f"tasks.{name}"
    if not isinstance(block, Mapping) or block.get("kind") not in kinds:
        raise wrong(
            option, f"a mapping with a `kind`, one of {list(kinds)}", block
        )
    kind = block["kind"]
    unknown = sorted(set(block) - set(_KEYS[kind]))
    if unknown:
        raise wrong(f"{option}.{unknown[0]}", f"absent ({kind})", block)
    columns = tuple(_listed(block.get("columns", block.get("column", name))))
    if kind == "classification":
        return _classification(name, block, columns, train)
    if kind == "binary":
        positive = block.get("positive")
        if positive is not None:
            positive = tuple(str(cell) for cell in _listed(positive))
            _check_cells(option, positive, columns, train)
        spec = TaskSpec(name, "binary", len(columns))
        return ColumnTask(spec, columns, positive=positive)
    return _regression(name, block, columns, train)


def _classification(
    name: str, block: Any, columns: tuple[str, ...], train: Table
) -> ColumnTask:
    cells = set(train.column(columns[0], f"tasks.{name}.column")) - {""}
    classes = tuple(str(cell) for cell in block.get("classes") or ())
    if not classes:
        are_numbers = all(as_number(cell) is not None for cell in cells)
        classes = tuple(sorted(cells, key=float if are_numbers else None))
    if len(classes) < 2 or len(set(classes)) < len(classes):
        raise wrong(
            f"tasks.{name}.classes",
            "two classes or more, once each (by default the cells of the "
            "training rows)",
            list(classes),
        )
    spec = TaskSpec(name, "classification", len(classes), classes)
    return ColumnTask(spec, columns[:1], classes=classes)


def _regression(
    name: str, block: Any, columns: tuple[str, ...], train: Table
) -> ColumnTask:
    mean = np.zeros(len(columns))
    std = np.ones(len(columns))
    standardise = block.get("standardise", False)
    if not isinstance(standardise, bool):
        raise wrong(f"tasks.{name}.standardise", "true or false", standardise)
    if standardise:
        values = [train.numbers(c, f"tasks.{name}.column") for c in columns]
        mean = np.array([np.nanmean(v) for v in values])
        std = np.array([np.nanstd(v) or 1.0 for v in values])
    spec = TaskSpec(name, "regression", len(columns))
    return ColumnTask(
        spec, columns, mean=tuple(mean.tolist()), std=tuple(std.tolist())
    )


def _check_cells(
    option: str, cells: tuple[str, ...], columns: tuple[str, ...], train: Table
) -> None:
    there = {c for name in columns for c in train.column(name, option)}
    for cell in cells:
        if cell not in there:
            some = sorted(there - {""})[:8]
            raise wrong(
                f"{option}.positive",
                f"cells of {', '.join(columns)}, such as {some}",
                cell,
            )


def _class_of(cell: str, ids: Mapping[str, int]) -> int | None:
    """The class of a cell; 1, 1.0 and 01 are the same."""
    if cell in ids:
        return ids[cell]
    number = as_number(cell)
    if number is None:
        return None
    return next((i for c, i in ids.items() if as_number(c) == number), None)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
