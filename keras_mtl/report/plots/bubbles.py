"""Scores over a grid of two settings."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

from keras_mtl.report.column import Column
from keras_mtl.report.comparison import Comparison
from keras_mtl.report.method import Method
from keras_mtl.report.plots.few import few_columns
from keras_mtl.report.plots.picture import (
    COLOURS,
    INK,
    Picture,
    file_name,
    new_figure,
)
from keras_mtl.report.statistics import mean
from keras_mtl.report.table import column_title

Grid = Mapping[tuple[float, float], Method]


def bubbles(comparison: Comparison) -> list[Picture]:
    """A bubble for every pair of values of two numeric settings.

    As in figure 3.3 of the thesis of L. Pascal, for the time between two
    roaming steps and the share of parameters that move.
    """
    found = []
    configs = [m.config for m in comparison.methods]
    keys = sorted(
        {k for c in configs for k in c if _varies(k, configs)},
    )
    for x, y in itertools.combinations(keys, 2):
        for place, grid in enumerate(_grids(comparison, x, y)):
            found += [
                _picture(comparison, column, grid, (x, y), place)
                for column in few_columns(comparison)
                if all(method.finite(column) for method in grid.values())
            ]
    return found


def _varies(key: str, configs: list[Mapping[str, Any]]) -> bool:
    values = {c[key] for c in configs if _is_number(c.get(key))}
    return len(values) > 1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _grids(comparison: Comparison, x: str, y: str) -> list[Grid]:
    """Methods that differ in two settings alone, two values of each."""
    found: dict[str, dict[tuple[float, float], Method]] = {}
    for method in comparison.methods:
        if _is_number(method.config.get(x)) and _is_number(
            method.config.get(y)
        ):
            rest = {k: v for k, v in method.config.items() if k not in (x, y)}
            text = json.dumps(rest, sort_keys=True, default=str)
            point = (float(method.config[x]), float(method.config[y]))
            found.setdefault(text, {})[point] = method
    return [
        grid
        for grid in found.values()
        if all(len({point[i] for point in grid}) > 1 for i in (0, 1))
        and len(grid) > 3
    ]


def _picture(
    comparison: Comparison,
    column: Column,
    grid: Grid,
    keys: tuple[str, str],
    place: int,
) -> Picture:
    figure, axes = new_figure()
    means = {
        point: mean(list(method.finite(column).values()))
        for point, method in grid.items()
    }
    _draw(axes, means, column.direction or 1)
    names = [_setting(key, comparison) for key in keys]
    for axis, name in enumerate(names):
        numbers = sorted({point[axis] for point in means})
        _scale(axes, "xy"[axis], numbers, name)
    axes.margins(0.18, 0.25)
    title = column_title(column)
    return Picture(
        file_name("grid", *keys, str(place), column.name),
        f"{title} over {names[0]} and {names[1]}",
        "The larger the bubble, the better; the best has its own colour.",
        figure,
    )


def _draw(
    axes: Any, means: Mapping[tuple[float, float], float], direction: int
) -> None:
    worst, best = sorted(
        (min(means.values()), max(means.values())), reverse=direction == -1
    )
    for point, value in means.items():
        part = 0.5 if worst == best else (value - worst) / (best - worst)
        axes.scatter(
            *point,
            s=40 + 360 * part,
            color=COLOURS[1] if value == best else COLOURS[0],
            alpha=0.75,
            linewidth=0,
        )
        axes.annotate(
            f"{value:.4f}" if abs(best) < 10 else f"{value:.1f}",
            point,
            xytext=(0, 13),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
            color=INK,
        )


def _scale(axes: Any, axis: str, numbers: list[float], name: str) -> None:
    getattr(axes, f"set_{axis}label")(name)
    if numbers[0] > 0 and numbers[-1] >= 10 * numbers[0]:
        getattr(axes, f"set_{axis}scale")("log")
    names = [f"{number:g}" for number in numbers]
    getattr(axes, f"set_{axis}ticks")(numbers, names)
    getattr(axes, f"set_{axis}ticks")([], minor=True)


def _setting(key: str, comparison: Comparison) -> str:
    """A key in words: `callbacks.0.every.steps` is `roaming every steps`."""
    parts = key.split(".")
    if len(parts) > 2 and parts[1].isdecimal():
        name = ".".join([*parts[:2], "name"])
        found = {str(m.config.get(name, "")) for m in comparison.methods}
        parts = [*sorted(found - {""})[:1], *parts[2:]]
    return " ".join(parts)
