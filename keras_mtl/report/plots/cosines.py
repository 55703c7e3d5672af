"""How much the gradients of tasks agree."""

from __future__ import annotations

import itertools
from typing import Any

from keras_mtl.report.comparison import Comparison
from keras_mtl.report.events import mean_scalars
from keras_mtl.report.method import Method
from keras_mtl.report.plots.picture import (
    Picture,
    file_name,
    new_figure,
    styled,
)
from keras_mtl.report.statistics import mean

# Larger matrices are drawn without numbers.
_MOST_NUMBERS = 8


def cosines(comparison: Comparison) -> list[Picture]:
    """A matrix of mean cosines for every method that measured them."""
    found = []
    for method in comparison.methods:
        means = _means(method)
        if means:
            found.append(_picture(method.label, means))
    return found


def _means(method: Method) -> dict[tuple[str, str], float]:
    """Pair of tasks to its mean cosine over steps and seeds."""
    values: dict[tuple[str, str], list[float]] = {}
    for run in method.runs.values():
        tasks = sorted(run.results("test") or run.results("validation"))
        # A task's name may hold a slash, so that tags are not split.
        pairs = {f"cosine/{a}/{b}": (a, b) for a, b in _pairs(tasks)}
        logs = run.path / "logs" / "train"
        for tag, value in mean_scalars(logs, pairs).items():
            values.setdefault(pairs[tag], []).append(value)
    return {pair: mean(found) for pair, found in values.items()}


def _pairs(tasks: list[str]) -> list[tuple[str, str]]:
    return list(itertools.combinations(tasks, 2))


def _picture(label: str, means: dict[tuple[str, str], float]) -> Picture:
    tasks = sorted({task for pair in means for task in pair})
    matrix = [
        [1.0 if a == b else _either(means, a, b) for b in tasks] for a in tasks
    ]
    figure, axes = new_figure(height=2.9)
    axes.grid(visible=False)
    mesh = axes.pcolormesh(matrix, cmap="RdBu", vmin=-1, vmax=1)
    places = [i + 0.5 for i in range(len(tasks))]
    turned = 90 if len(tasks) > 4 else 0
    axes.set_xticks(places, tasks, rotation=turned)
    axes.set_yticks(places, tasks)
    axes.invert_yaxis()
    axes.set_aspect("equal")
    if len(tasks) <= _MOST_NUMBERS:
        _write_numbers(axes, matrix)
    with styled():
        figure.colorbar(mesh, ax=axes, shrink=0.8, label="cosine")
    return Picture(
        file_name("cosine", label),
        f"Cosines between task gradients: {label}",
        "Means over all logged steps and seeds. Below 0 (red) the tasks pull "
        "against each other.",
        figure,
    )


def _either(means: dict[tuple[str, str], float], a: str, b: str) -> float:
    return means.get((a, b), means.get((b, a), float("nan")))


def _write_numbers(axes: Any, matrix: list[list[float]]) -> None:
    for y, row in enumerate(matrix):
        for x, value in enumerate(row):
            axes.text(
                x + 0.5,
                y + 0.5,
                f"{value:.2f}",
                ha="center",
                va="center",
                color="#f8f8f8" if abs(value) > 0.6 else "#101010",
                fontsize=8,
            )
