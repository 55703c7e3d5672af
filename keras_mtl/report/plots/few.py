"""Fewer columns than a table may have."""

from __future__ import annotations

from keras_mtl.report.column import Column
from keras_mtl.report.columns import averaged_columns
from keras_mtl.report.comparison import Comparison

_MOST = 8


def few_columns(comparison: Comparison) -> list[Column]:
    """The columns of a table, or their means over tasks if there are many.

    Args:
        comparison: What is compared.

    Returns:
        Columns, each of which gets a picture of its own.
    """
    if len(comparison.columns) <= _MOST:
        return list(comparison.columns)
    return averaged_columns(comparison.columns)
