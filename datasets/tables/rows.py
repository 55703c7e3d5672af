"""Which rows of a table are for training, validation and test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.partition import stratified
from keras_mtl.datasets.random_numbers import key
from keras_mtl.datasets.tables.table import Table

PARTS = ("train", "validation", "test")
_WORDS = {"train": "train", "training": "train", "val": "validation",
          "valid": "validation", "validation": "validation",
          "test": "test"}  # fmt: skip


def by_column(table: Table, name: str) -> dict[str, Table]:
    """Parts by a column that holds train, validation (or val) or test.

    Raises:
        DataError: If there is no such column, or a cell is none of these.
    """
    rows: dict[str, list[int]] = {part: [] for part in PARTS}
    for row, cell in enumerate(table.column(name, "split")):
        part = _WORDS.get(cell.lower())
        if part is None:
            raise table.error(
                row,
                f"the cell {cell!r} of column {name!r}, which `data.split` "
                f"names, must be one of {list(PARTS)}.",
            )
        rows[part].append(row)
    return {part: table.take(index) for part, index in rows.items()}


def at_random(
    table: Table,
    counts: Sequence[int],
    seed: int,
    labels: NDArray[Any] | None = None,
    group: str | None = None,
) -> list[Table]:
    """Cuts parts off at random.

    Args:
        table: All rows.
        counts: Rows of the parts to cut off.
        seed: Seed of the draw, 0 or more.
        labels: Shape `(num_rows,)`: the parts have the same proportions.
        group: A column: rows with the same cell stay together, so that the
            parts may be somewhat larger.

    Returns:
        What remains, then each part.
    """
    if group is not None:
        index = _grouped(table.column(group, "group"), counts, seed)
    else:
        alike = np.zeros(len(table), np.int64) if labels is None else labels
        index = stratified(alike, counts, seed)
    return [table.take(part) for part in index]


def _grouped(
    cells: Sequence[str], counts: Sequence[int], seed: int
) -> list[NDArray[np.int64]]:
    values = np.array(cells)
    groups = np.unique(values)
    order = np.random.default_rng(key(seed, "groups")).permutation(groups)
    remaining = list(order)
    parts = []
    for count in counts:
        chosen: list[str] = []
        size = 0
        while size < count and len(remaining) > 1:
            chosen.append(remaining.pop())
            size += int((values == chosen[-1]).sum())
        parts.append(np.flatnonzero(np.isin(values, chosen)))
    return [np.flatnonzero(np.isin(values, remaining)), *parts]
