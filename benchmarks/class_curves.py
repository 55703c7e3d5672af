"""Tables and a picture of what `similar_classes.py` measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

COLORS = {
    "random": "0.45",
    "inference": "tab:blue",
    "wordnet": "tab:green",
    "word2vec": "tab:orange",
}


def table(curves: dict[str, dict[str, list[list[float]]]]) -> str:
    """First and best F-score, mean and deviation over the seeds.

    Args:
        curves: Images a class to initialisation to a curve a seed.

    Returns:
        Markdown: a row for each number of images, the largest first.
    """
    names = list(next(iter(curves.values())))
    lines = [
        "| images per class | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for number in sorted(curves, key=int, reverse=True):
        cells = [_cell(curves[number][name]) for name in names]
        lines.append(f"| {number} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(found: list[list[float]]) -> str:
    first = _spread([one[0] for one in found])
    return f"{first} / {_spread([max(one) for one in found])}"


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.2f} ± {_deviation(values):.2f}"


def _deviation(values: Any) -> Any:
    """Of a sample: divided by n - 1; 0 for one seed."""
    return np.std(values, axis=0, ddof=min(1, len(values) - 1))


def picture(
    cases: dict[str, Any], steps: list[int], numbers: list[str], path: Path
) -> None:
    """Draws F-scores along the training: a row a case, a column a number.

    Args:
        cases: Case to what `table` takes.
        steps: Updates at which F-scores were measured, from 0.
        numbers: Which numbers of images.
        path: PNG file.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    size = (2.2 * len(numbers) + 0.6, 1.8 * len(cases) + 0.8)
    figure, grid = pyplot.subplots(
        len(cases), len(numbers), figsize=size, sharex=True, sharey="row"
    )
    for row, (case, curves) in zip(
        np.reshape(grid, (len(cases), -1)), cases.items(), strict=True
    ):
        row[0].set_ylabel(f"{case}\nF-score", fontsize=8)
        for axes, number in zip(row, numbers, strict=True):
            _draw(axes, steps, curves[number])
            axes.set_title(f"{number} per class", fontsize=8)
    for axes in np.reshape(grid, (len(cases), -1))[-1]:
        axes.set_xlabel("updates", fontsize=8)
    lines, labels = np.ravel(grid)[0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="upper center", ncols=4, fontsize=8)
    figure.tight_layout(rect=(0, 0, 1, 0.95))
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def _draw(
    axes: Any, steps: list[int], curves: dict[str, list[list[float]]]
) -> None:
    places = np.arange(len(steps))
    for name, found in curves.items():
        mean, spread = np.mean(found, axis=0), _deviation(found)
        color = COLORS.get(name)
        axes.plot(places, mean, color=color, label=name, linewidth=1.2)
        axes.fill_between(
            places, mean - spread, mean + spread, color=color, alpha=0.15
        )
    axes.set_xticks(places[::3], [str(steps[i]) for i in places[::3]])
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)
