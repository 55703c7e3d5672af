"""How flat the minima are."""

from __future__ import annotations

import csv
from pathlib import Path

from keras_mtl.report.comparison import Comparison
from keras_mtl.report.plots.picture import (
    Picture,
    file_name,
    finish,
    new_figure,
)
from keras_mtl.report.plots.series import Point, draw, summary

Curves = dict[str, dict[float, float]]


def flatness(comparison: Comparison) -> list[Picture]:
    """Loss over the size of noise on the other tasks' encoders."""
    is_sample = comparison.options.deviation == "sample"
    by_label = {
        method.label: [
            read_flatness(run.path / "flatness.csv")
            for run in method.runs.values()
        ]
        for method in comparison.methods
    }
    tasks = sorted({t for runs in by_label.values() for r in runs for t in r})
    return [
        _picture(
            task,
            {
                label: summary([r[task] for r in runs if task in r], is_sample)
                for label, runs in by_label.items()
            },
        )
        for task in tasks
    ]


def read_flatness(path: Path) -> Curves:
    """Task to bound of the noise to loss; empty if not measured or damaged."""
    found: Curves = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                curve = found.setdefault(row["task"], {})
                curve[float(row["bound"])] = float(row["loss"])
    except (OSError, KeyError, TypeError, ValueError):
        return {}
    return found


def _picture(task: str, lines: dict[str, list[Point]]) -> Picture:
    names = [label for label, points in lines.items() if points]
    figure, axes = new_figure(names)
    for index, (label, points) in enumerate(lines.items()):
        if points:
            draw(axes, points, label, index, has_markers=True)
    axes.set_xlabel("bound of the noise")
    axes.set_ylabel("loss")
    finish(axes, figure, names)
    return Picture(
        file_name("flatness", task),
        f"Flatness: loss of {task} under noise",
        "Uniform noise up to the bound on the weights of the other tasks' "
        "encoders. The flatter the line, the flatter the minimum.",
        figure,
    )
