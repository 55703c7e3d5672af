"""Weights of the tasks over the epochs."""

from __future__ import annotations

from keras_mtl.report.comparison import Comparison
from keras_mtl.report.plots.curves import (
    MOST_TASKS,
    columns_over_epochs,
    draw_lines,
)
from keras_mtl.report.plots.picture import Picture
from keras_mtl.report.plots.series import Point, histories


def weights(comparison: Comparison) -> list[Picture]:
    """`weight_<task>` of the methods that move the weights."""
    rows = {m.label: histories(m) for m in comparison.methods}
    names = {name for runs in rows.values() for run in runs for row in run[:1]
             for name in row if name.startswith("weight_")}  # fmt: skip
    if len(names) > MOST_TASKS:
        return []
    is_sample = comparison.options.deviation == "sample"
    order = [method.label for method in comparison.methods]
    found = []
    for name in sorted(names):
        lines = columns_over_epochs(rows, name, is_sample)
        moving = {label: p for label, p in lines.items() if _moves(p)}
        if moving:
            task = name.removeprefix("weight_")
            found.append(
                draw_lines(
                    f"Weight of {task}",
                    "weight",
                    moving,
                    order,
                    "Mean weight of the task's gradient in an epoch. Methods "
                    "that keep it fixed are left out.",
                )
            )
    return found


def _moves(points: list[Point]) -> bool:
    values = [point[1] for point in points]
    return max(values) - min(values) > 1e-6 * max(map(abs, values))
