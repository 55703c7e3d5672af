"""Two tasks against each other."""

from __future__ import annotations

from keras_mtl.report.column import Column
from keras_mtl.report.comparison import Comparison
from keras_mtl.report.plots.picture import (
    INK,
    Picture,
    finish,
    new_figure,
    style,
)
from keras_mtl.report.row import Row
from keras_mtl.report.table import column_title


def profile(comparison: Comparison) -> list[Picture]:
    """Where every method lies between two tasks.

    As in figure 3 of [Sener & Koltun, 2018](https://arxiv.org/abs/1810.04650):
    lines show what single-task learning reaches.
    """
    first = {c.task: c for c in reversed(comparison.columns)}
    if len(first) != 2 or len(comparison.rows) < 2:
        return []
    x, y = (first[task] for task in sorted(first))
    rows = [r for r in comparison.rows if x in r.cells and y in r.cells]
    names = [row.label for row in rows]
    figure, axes = new_figure(names, 3.1)
    for index, row in enumerate(comparison.rows):
        if row in rows:
            _draw(axes, row, x, y, index)
    axes.set_xlabel(column_title(x))
    axes.set_ylabel(column_title(y))
    axes.locator_params(nbins=5)
    finish(axes, figure, names)
    arrows = [column_title(c) for c in (x, y)]
    return [
        Picture(
            "profile",
            f"{arrows[0]} and {arrows[1]}",
            "Bars are one standard deviation over seeds. Dashed lines: the "
            "reference, single-task learning where there is one.",
            figure,
        )
    ]


def _draw(axes: object, row: Row, x: Column, y: Column, index: int) -> None:
    look = {**style(index), "linestyle": "none"}
    a, b = row.cells[x], row.cells[y]
    if row.is_reference:
        for line, value in (("axvline", a.mean), ("axhline", b.mean)):
            getattr(axes, line)(value, color=INK, linestyle="--", linewidth=1)
    axes.errorbar(  # type: ignore[attr-defined]
        a.mean,
        b.mean,
        xerr=a.deviation,
        yerr=b.deviation,
        label=row.label,
        elinewidth=1,
        capsize=2,
        **look,
    )
