"""All scores of a method at one glance."""

from __future__ import annotations

import math

from keras_mtl.report.column import Column
from keras_mtl.report.comparison import Comparison
from keras_mtl.report.plots.picture import (
    Picture,
    finish,
    new_figure,
    style,
)
from keras_mtl.report.table import column_title

# Fewer axes make no area; more are not told apart.
_FEWEST, _MOST = 3, 16
_INNER = 0.15


def radar(comparison: Comparison) -> list[Picture]:
    """Scores of every task on axes of their own, the best outermost."""
    columns = [c for c in comparison.columns if _span(comparison, c)]
    rows = [r for r in comparison.rows if all(c in r.cells for c in columns)]
    if not _FEWEST <= len(columns) <= _MOST or len(rows) < 2:
        return []
    names = [row.label for row in rows]
    figure, axes = new_figure(names, 3.4, projection="polar")
    angles = [2 * math.pi * i / len(columns) for i in range(len(columns))]
    for index, row in enumerate(comparison.rows):
        if row.label not in names:
            continue
        values = [
            _part(comparison, column, row.cells[column].mean)
            for column in columns
        ]
        look = style(index)
        axes.plot(
            [*angles, angles[0]],
            [*values, values[0]],
            label=row.label,
            **look,
        )
        axes.fill(angles, values, color=look["color"], alpha=0.06)
    axes.set_theta_offset(math.pi / 2)
    axes.set_theta_direction(-1)
    axes.set_xticks(angles, [_broken(c) for c in columns], fontsize=8)
    axes.set_yticks([])
    axes.set_ylim(0, 1.02)
    finish(axes, figure, names)
    return [
        Picture(
            "radar",
            "All scores",
            "Each axis goes from the worst of the methods to the best, which "
            "lies outermost.",
            figure,
        )
    ]


def _span(comparison: Comparison, column: Column) -> tuple[float, float] | None:
    """Worst and best mean, where the methods differ and that is known."""
    found = [r.cells[column].mean for r in comparison.rows if column in r.cells]
    if column.direction is None or not found or min(found) == max(found):
        return None
    return min(found), max(found)


def _part(comparison: Comparison, column: Column, value: float) -> float:
    low, high = _span(comparison, column) or (0.0, 1.0)
    part = (value - low) / (high - low)
    if column.direction == -1:
        part = 1 - part
    return _INNER + (1 - _INNER) * part


def _broken(column: Column) -> str:
    return column_title(column).replace(" ", "\n", 1)
