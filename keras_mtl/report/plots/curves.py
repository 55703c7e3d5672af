"""Losses over the epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_mtl.report.comparison import Comparison
from keras_mtl.report.plots.picture import (
    Picture,
    file_name,
    finish,
    new_figure,
)
from keras_mtl.report.plots.series import Point, draw, histories, summary
from keras_mtl.runs.history import Row

# More tasks than these are shown by their total alone.
MOST_TASKS = 8


def curves(comparison: Comparison) -> list[Picture]:
    """Validation loss (or else training loss) over epochs, task by task."""
    rows = {m.label: histories(m) for m in comparison.methods}
    tasks = sorted({column.task for column in comparison.columns})
    if comparison.options.average or len(tasks) > MOST_TASKS:
        tasks = []
    found = []
    for task in (*tasks, None):
        name = "loss" if task is None else f"{task}_loss"
        split = "validation"
        lines = _lines(rows, f"val_{name}", comparison)
        if not lines:
            split, lines = "training", _lines(rows, name, comparison)
        if lines and max(len(points) for points in lines.values()) > 1:
            title = "Total loss" if task is None else f"Loss of {task}"
            found.append(_picture(f"{title}, {split}", lines, comparison))
    return found


def columns_over_epochs(
    rows: dict[str, list[list[Row]]], name: str, is_sample: bool
) -> dict[str, list[Point]]:
    """A column of the histories by method, over epochs.

    Args:
        rows: Label to the histories of its runs.
        name: Column.
        is_sample: As for `deviation`.

    Returns:
        Label to points; methods without the column are left out.
    """
    found = {}
    for label, runs in rows.items():
        by_seed = [
            {row["epoch"]: row[name] for row in run if name in row}
            for run in runs
        ]
        points = summary(by_seed, is_sample)
        if points:
            found[label] = points
    return found


def draw_lines(
    title: str,
    y_label: str,
    lines: dict[str, list[Point]],
    order: Sequence[str],
    caption: str,
    scale: str = "linear",
) -> Picture:
    """One line a method over epochs."""
    figure, axes = new_figure(list(lines))
    for index, label in enumerate(order):
        if label in lines:
            draw(axes, lines[label], label, index)
    axes.set_xlabel("epoch")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_ylabel(y_label)
    if scale == "log":
        _make_logarithmic(axes.yaxis)
    finish(axes, figure, list(lines))
    return Picture(file_name(title), title, caption, figure)


def _make_logarithmic(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator

    axis.axes.set_yscale("log")
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(LogLocator(subs=()))


def _lines(
    rows: dict[str, list[list[Row]]], name: str, comparison: Comparison
) -> dict[str, list[Point]]:
    is_sample = comparison.options.deviation == "sample"
    return columns_over_epochs(rows, name, is_sample)


def _picture(
    title: str, lines: dict[str, list[Point]], comparison: Comparison
) -> Picture:
    order = [method.label for method in comparison.methods]
    values = [point[1] for points in lines.values() for point in points]
    is_wide = min(values) > 0 and max(values) > 10 * min(values)
    return draw_lines(
        title,
        "loss",
        lines,
        order,
        "Mean over seeds; the band is one standard deviation.",
        "log" if is_wide else "linear",
    )
