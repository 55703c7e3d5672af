"""The scores of all methods on one metric: best, equal, ranks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from keras_mtl.report.column import Column
from keras_mtl.report.method import Method
from keras_mtl.report.options import Options
from keras_mtl.report.ranks import ranks
from keras_mtl.report.row import Cell
from keras_mtl.report.statistics import deviation, mean, paired_p_value


def cells(
    column: Column,
    methods: Sequence[Method],
    options: Options,
    reference: Method | None = None,
) -> dict[str, Cell]:
    """Summarises, compares and ranks.

    Args:
        column: The metric.
        methods: All methods.
        options: How.
        reference: Not ranked, and never the best.

    Returns:
        Label to cell, of the methods with a finite score.
    """
    found = {
        method.label: _summary(method, column, options)
        for method in methods
        if method.finite(column)
    }
    ranked = [m for m in methods if m.label in found and m is not reference]
    if column.direction is None or not ranked:
        return found
    return found | _compared(column, ranked, found, options)


def p_value(first: Method, second: Method, column: Column) -> float | None:
    """Paired test over the seeds that two methods share."""
    a, b = first.finite(column), second.finite(column)
    shared = [seed for seed in a if seed in b]
    return paired_p_value([a[s] for s in shared], [b[s] for s in shared])


def _summary(method: Method, column: Column, options: Options) -> Cell:
    values = list(method.finite(column).values())
    spread = deviation(values, options.deviation == "sample")
    return Cell(mean(values), spread, len(values))


def _compared(
    column: Column,
    ranked: Sequence[Method],
    found: Mapping[str, Cell],
    options: Options,
) -> dict[str, Cell]:
    means = [found[method.label].mean for method in ranked]
    direction = column.direction or 1
    top = max(means, key=lambda value: direction * value)
    best = ranked[means.index(top)]

    def is_equal(first: int, second: int) -> bool:
        p = p_value(ranked[first], ranked[second], column)
        return p is not None and p >= options.alpha

    places = ranks(means, direction, options.ties, is_equal)
    compared = {}
    for method, value, place in zip(ranked, means, places, strict=True):
        p = None if method is best else p_value(best, method, column)
        is_best = value == top
        compared[method.label] = dataclasses.replace(
            found[method.label],
            is_best=is_best,
            is_equal=None if p is None or is_best else p >= options.alpha,
            p_value=p,
            rank=place,
        )
    return compared
