"""The rows of a table."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.report.cells import cells
from keras_mtl.report.column import Column
from keras_mtl.report.method import Method
from keras_mtl.report.options import Options
from keras_mtl.report.row import Cell, Published, Row
from keras_mtl.report.scores import delta_m, normalised_scores
from keras_mtl.report.statistics import mean


def make_rows(
    methods: Sequence[Method],
    columns: Sequence[Column],
    shown: Sequence[Column],
    options: Options,
    reference: Method | None,
    baseline: Mapping[Column, float],
    published: Mapping[str, Any],
) -> list[Row]:
    """One row a method, in their order.

    Args:
        methods: The methods.
        columns: Every metric of every task: what scores are made of.
        shown: The columns of the table: what ranks are made of.
        options: How to compare.
        reference: Not ranked.
        baseline: What relative gains are measured against.
        published: Label to task to metric to mean and deviation.

    Returns:
        The rows. A method that lacks a column gets no mean rank, no gain and
        no score: they would be over other tasks than those of the rest.
    """
    by_column = {
        column: cells(column, methods, options, reference)
        for column in dict.fromkeys((*columns, *shown))
    }
    means = [_means(method, columns, by_column) for method in methods]
    scores = normalised_scores(means)
    sizes = [method.fact("parameters") for method in methods]
    smallest = min((size for size in sizes if size), default=None)
    rows = []
    for method, own_means, score in zip(methods, means, scores, strict=True):
        own = {
            c: by_column[c][method.label]
            for c in shown
            if method.label in by_column[c]
        }
        row = Row(
            label=method.label,
            count=len(method.runs),
            is_reference=method is reference,
            cells=own,
            published=_published(published.get(method.label), shown),
            **_facts(method, smallest),
        )
        if len(own_means) == len(columns):
            gain = None if method is reference else delta_m(own_means, baseline)
            row = dataclasses.replace(
                row,
                mean_rank=_mean_rank(own),
                delta_m=gain,
                score=score if len(methods) > 1 else None,
            )
        rows.append(row)
    return rows


def _facts(method: Method, smallest: float | None) -> dict[str, float | None]:
    size = method.fact("parameters")
    return {
        "parameters": size,
        "shared_parameters": method.fact("shared_parameters"),
        "ratio": size / smallest if size and smallest else None,
        "seconds": method.fact("seconds"),
        "memory": method.fact("peak_memory_bytes"),
    }


def _means(
    method: Method,
    columns: Sequence[Column],
    by_column: Mapping[Column, Mapping[str, Cell]],
) -> dict[Column, float]:
    found = {c: by_column[c].get(method.label) for c in columns}
    return {c: cell.mean for c, cell in found.items() if cell is not None}


def _mean_rank(own: Mapping[Column, Cell]) -> float | None:
    known = [cell.rank for cell in own.values() if cell.rank is not None]
    return mean(known) if known else None


def _published(
    given: Mapping[str, Mapping[str, Any]] | None, shown: Sequence[Column]
) -> dict[Column, Published]:
    found: dict[Column, Published] = {}
    for column in shown:
        value = (given or {}).get(column.task, {}).get(column.metric)
        if value is not None and value[0] is not None:
            found[column] = value
    return found
