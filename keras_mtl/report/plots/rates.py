"""Scores over the learning rate."""

from __future__ import annotations

import json
from collections.abc import Mapping

from keras_mtl.report.column import Column
from keras_mtl.report.comparison import Comparison
from keras_mtl.report.labels import labels
from keras_mtl.report.method import Method
from keras_mtl.report.plots.few import few_columns
from keras_mtl.report.plots.picture import (
    Picture,
    file_name,
    finish,
    new_figure,
)
from keras_mtl.report.plots.series import draw, summary
from keras_mtl.report.table import column_title

KEY = "optimizer.learning_rate"
Family = Mapping[float, Method]


def rates(comparison: Comparison) -> list[Picture]:
    """Every score over the learning rates that methods were run with.

    Methods that differ in nothing else are one line.
    """
    families = _families(comparison)
    if not families:
        return []
    columns = few_columns(comparison)
    return [_picture(column, families, comparison) for column in columns]


def _families(comparison: Comparison) -> dict[str, Family]:
    """Label to learning rate to method, where there are two rates or more."""
    found: dict[str, dict[float, Method]] = {}
    configs = {}
    for method in comparison.methods:
        rate = method.config.get(KEY)
        if isinstance(rate, int | float):
            rest = {k: v for k, v in method.config.items() if k != KEY}
            text = json.dumps(rest, sort_keys=True, default=str)
            found.setdefault(text, {})[float(rate)] = method
            configs[text] = rest
    several = [text for text, family in found.items() if len(family) > 1]
    if not several:
        return {}
    names = labels([configs[text] for text in several])
    return {n: found[t] for n, t in zip(names, several, strict=True)}


def _picture(
    column: Column, families: Mapping[str, Family], comparison: Comparison
) -> Picture:
    figure, axes = new_figure(list(families))
    is_sample = comparison.options.deviation == "sample"
    for index, (label, family) in enumerate(families.items()):
        by_seed: dict[int | None, dict[float, float]] = {}
        for rate, method in family.items():
            for seed, value in method.finite(column).items():
                by_seed.setdefault(seed, {})[rate] = value
        points = summary(by_seed.values(), is_sample)
        draw(axes, points, label, index, has_markers=True)
    axes.set_xscale("log")
    axes.set_xlabel("learning rate")
    title = column_title(column)
    axes.set_ylabel(title)
    finish(axes, figure, list(families))
    return Picture(
        file_name("rates", column.name),
        f"{title} over the learning rate",
        "Mean over seeds; the band is one standard deviation.",
        figure,
    )
