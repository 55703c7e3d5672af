"""What the reader of a table has to know."""

from __future__ import annotations

import math
from collections.abc import Sequence

from keras_mtl.report.column import Column
from keras_mtl.report.method import Method
from keras_mtl.report.options import Options
from keras_mtl.report.row import Row


def result_notes(
    methods: Sequence[Method], columns: Sequence[Column], options: Options
) -> list[str]:
    """Scores that are missing or not numbers.

    Args:
        methods: What is compared.
        columns: Every metric of every task.
        options: How it is compared.

    Returns:
        One line a finding.
    """
    notes = []
    tasks = sorted({column.task for column in columns})
    for method in methods:
        empty = [s for s, found in method.results.items() if not found]
        if empty:
            notes.append(
                f"{method.label}: no {options.split} scores for "
                f"{_seeds(empty)}."
            )
        have = {task for found in method.results.values() for task in found}
        notes += [
            f"{method.label}: has no task {task!r}."
            for task in tasks
            if have and task not in have
        ]
        for column in columns:
            if column.task in have:
                notes += _incomplete(method, column, empty)
    return notes + _selection(methods, options)


def column_notes(
    columns: Sequence[Column],
    rows: Sequence[Row],
    reference: Method | None,
) -> list[str]:
    """How to read the numbers.

    Args:
        columns: Every metric of every task.
        rows: The finished rows.
        reference: What is measured against.

    Returns:
        One line a statement.
    """
    notes = [
        f"{metric}: it is not known whether higher or lower is better, so it "
        f"is not ranked. Say so with --direction {metric}=higher or "
        f"{metric}=lower."
        for metric in sorted({c.metric for c in columns if c.direction is None})
    ]
    if reference is not None:
        notes.append(
            f"{reference.label} is the reference: Δm is measured against it, "
            "and it takes no rank."
        )
    ranked = [row for row in rows if row.count and not row.is_reference]
    if len(ranked) > 1 and all(row.count < 2 for row in ranked):
        notes.append(
            "One seed each: no test is possible, so the best mean is marked "
            "and nothing is claimed of the rest."
        )
    return notes


def _incomplete(
    method: Method, column: Column, empty: Sequence[int | None]
) -> list[str]:
    values = method.values(column)
    notes = []
    bad = [seed for seed, v in values.items() if not math.isfinite(v)]
    if bad:
        notes.append(
            f"{method.label}: {column.name} is not a number for {_seeds(bad)}; "
            f"the mean is over {len(values) - len(bad)} of "
            f"{len(method.runs)} runs."
        )
    absent = [s for s in method.runs if s not in values and s not in empty]
    if absent:
        notes.append(
            f"{method.label}: {column.name} was not measured for "
            f"{_seeds(absent)}."
        )
    return notes


def _selection(methods: Sequence[Method], options: Options) -> list[str]:
    """Says so if some tested their best weights and others their last."""
    found: dict[str, list[str]] = {}
    for method in methods:
        for run in method.runs.values():
            weights = str(run.metrics.get("evaluated"))
            listed = found.setdefault(weights, [])
            if method.label not in listed:
                listed.append(method.label)
    if len(found) < 2 or options.split == "train":
        return []
    parts = [f"{name} of {', '.join(found[name])}" for name in sorted(found)]
    return [f"Not the same weights were tested: {'; '.join(parts)}."]


def _seeds(seeds: Sequence[int | None]) -> str:
    shown = ", ".join(str(seed) for seed in seeds)
    return f"seed{'s' if len(seeds) > 1 else ''} {shown}"
