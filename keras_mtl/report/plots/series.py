"""Curves over seeds: their mean and spread."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keras_mtl.errors import DataError
from keras_mtl.report.method import Method
from keras_mtl.report.plots.picture import style
from keras_mtl.report.statistics import deviation, mean
from keras_mtl.runs.history import Row, read_history

# Place on the axis, mean, deviation or `None`.
Point = tuple[float, float, float | None]


def histories(method: Method) -> list[list[Row]]:
    """The histories of a method's runs; damaged ones are left out."""
    found = []
    for run in method.runs.values():
        try:
            found.append(read_history(run.path / "history.csv"))
        except DataError:
            continue
    return found


def summary(
    curves: Iterable[Mapping[float, float]], is_sample: bool = True
) -> list[Point]:
    """Mean and deviation at every place that a curve has.

    Args:
        curves: Place to value, one mapping a seed; what is not finite is
            left out.
        is_sample: As for `deviation`.

    Returns:
        Points, sorted by place.
    """
    values: dict[float, list[float]] = {}
    for curve in curves:
        for place, value in curve.items():
            if math.isfinite(value):
                values.setdefault(place, []).append(value)
    return [
        (place, mean(values[place]), deviation(values[place], is_sample))
        for place in sorted(values)
    ]


def draw(
    axes: Any,
    points: Sequence[Point],
    label: str,
    index: int,
    has_markers: bool = False,
) -> None:
    """Draws a line, and a band of one deviation around it.

    Args:
        axes: Where.
        points: See `summary`.
        label: For the legend.
        index: Which colour.
        has_markers: Whether to mark the points.
    """
    look = style(index)
    if not has_markers and len(points) > 1:
        look["marker"] = ""
    x = [point[0] for point in points]
    y = [point[1] for point in points]
    axes.plot(x, y, label=label, **look)
    if any(point[2] for point in points):
        spread = [point[2] or 0.0 for point in points]
        low = [a - b for a, b in zip(y, spread, strict=True)]
        high = [a + b for a, b in zip(y, spread, strict=True)]
        axes.fill_between(
            x, low, high, color=look["color"], alpha=0.18, linewidth=0
        )
