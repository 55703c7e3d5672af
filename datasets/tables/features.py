"""Columns of a table as the numbers that a network takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.tables.table import Table, as_number

ENCODINGS = ("one_hot", "ids")


@dataclass(frozen=True)
class NumericColumn:
    """A column of numbers, standardised as the training rows were.

    Args:
        name: Name of the column.
        mean: Mean over the training rows that have a value.
        std: Standard deviation over them; 1 where it is 0.
        flagged: Whether a second feature tells that the value is missing;
            the first is 0, the mean, there.
    """

    name: str
    mean: float
    std: float
    flagged: bool

    def features(self, table: Table) -> NDArray[np.float32]:
        """Shape `(num_rows, 1)`, or 2 with the flag."""
        values = (table.numbers(self.name, "inputs") - self.mean) / self.std
        missing = np.isnan(values)
        columns = [np.where(missing, 0.0, values)]
        if self.flagged:
            columns.append(missing.astype(np.float64))
        return np.stack(columns, axis=1).astype(np.float32)


@dataclass(frozen=True)
class CategoricalColumn:
    """A column of categories: those of the training rows.

    Args:
        name: Name of the column.
        categories: Sorted; `""` is among them if cells are missing.
        encoding: `"one_hot"`: a feature a category, all 0 for one that is
            not known; `"ids"`: one feature, from 1, 0 if not known.
    """

    name: str
    categories: tuple[str, ...]
    encoding: str

    def features(self, table: Table) -> NDArray[np.float32]:
        """Shape `(num_rows, num_categories)`, or 1 with ids."""
        places = {c: index for index, c in enumerate(self.categories, 1)}
        cells = table.column(self.name, "inputs")
        ids = np.array([places.get(cell, 0) for cell in cells], np.int64)
        if self.encoding == "ids":
            return ids[:, None].astype(np.float32)
        return np.eye(len(places) + 1, dtype=np.float32)[ids][:, 1:]


Column = NumericColumn | CategoricalColumn


def fit_columns(
    train: Table,
    names: Sequence[str],
    categorical: Sequence[str],
    encoding: str,
) -> list[Column]:
    """Learns from the training rows how columns become features.

    Args:
        train: The training rows.
        names: The columns.
        categorical: Those that are categories whatever their cells are. A
            column most of whose cells are no numbers is one, too.
        encoding: `"one_hot"` or `"ids"`.

    Raises:
        DataError: If a column is missing, or a cell of a column of numbers is
            none.
    """
    return [
        _categorical(train, name, encoding)
        if name in categorical or not _is_numeric(train, name)
        else _numeric(train, name)
        for name in names
    ]


def features(table: Table, columns: Sequence[Column]) -> NDArray[np.float32]:
    """All features of the rows, shape `(num_rows, num_features)`."""
    return np.concatenate([one.features(table) for one in columns], axis=1)


def _is_numeric(table: Table, name: str) -> bool:
    cells = [cell for cell in table.column(name, "inputs") if cell]
    return 2 * sum(as_number(cell) is not None for cell in cells) >= len(cells)


def _numeric(table: Table, name: str) -> NumericColumn:
    values = table.numbers(name, "inputs")
    present = values[~np.isnan(values)]
    if not len(present):
        return NumericColumn(name, 0.0, 1.0, flagged=False)
    mean, std = float(present.mean()), float(present.std())
    # What is left of a constant is rounding.
    is_constant = std <= 1e-12 * max(1.0, abs(mean))
    flagged = len(present) < len(values)
    return NumericColumn(name, mean, 1.0 if is_constant else std, flagged)


def _categorical(table: Table, name: str, encoding: str) -> CategoricalColumn:
    cells = table.column(name, "inputs")
    return CategoricalColumn(name, tuple(sorted(set(cells))), encoding)
