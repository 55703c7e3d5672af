"""Methods side by side."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.report import same
from keras_mtl.report.cells import cells
from keras_mtl.report.column import Column
from keras_mtl.report.columns import averaged_columns, task_columns
from keras_mtl.report.grouping import methods as grouped
from keras_mtl.report.method import Method
from keras_mtl.report.notes import column_notes, result_notes
from keras_mtl.report.options import Options
from keras_mtl.report.row import Cell, Published, Row
from keras_mtl.report.run import Run
from keras_mtl.report.scores import delta_m, normalised_scores
from keras_mtl.report.statistics import mean

PublishedTable = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Comparison:
    """A table before it is written in any form.

    Args:
        columns: What is compared.
        rows: One a method, the reference first.
        notes: What the reader has to know.
        options: How it was compared.
        methods: The methods behind the rows, in their order.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    options: Options
    methods: tuple[Method, ...]


def compare(
    runs: Sequence[Run],
    options: Options | None = None,
    notes: Sequence[str] = (),
    published: PublishedTable | None = None,
) -> Comparison:
    """Compares methods over their seeds.

    Args:
        runs: Finished runs, in any order.
        options: How to compare.
        notes: Notes of the reader of the runs; come first.
        published: Label to task to metric to a value, or to mean and
            deviation; its labels come first, in their order.

    Returns:
        The comparison.

    Raises:
        DataError: If there is no run, or none has scores on the split.
        ConfigError: If the runs use several data sets, splits or definitions
            of a metric, or an option names what is not there.
    """
    options = options or Options()
    if not runs:
        raise DataError(
            "There is no finished run to compare.\n  " + "\n  ".join(notes)
        )
    runs = sorted(runs, key=lambda run: str(run.path))
    same.check_data(runs, options.ignored)
    methods, group_notes = grouped(runs, options.split, options.ignored)
    columns = task_columns(methods, options)
    if not columns:
        raise DataError(
            f"No run has scores on the {options.split} split. Choose another "
            "with --split."
        )
    same.check_metrics(runs, columns)
    reference = _reference(methods, options)
    methods = _ordered(methods, reference, published or {})
    shown = averaged_columns(columns) if options.average else columns
    rows = _rows(methods, columns, shown, options, reference, published or {})
    return Comparison(
        columns=tuple(shown),
        rows=tuple(rows),
        notes=(
            *notes,
            *group_notes,
            *result_notes(methods, columns, options),
            *column_notes(columns, rows, reference, options),
        ),
        options=options,
        methods=tuple(methods),
    )


def _reference(methods: Sequence[Method], options: Options) -> Method | None:
    by_label = {method.label: method for method in methods}
    if options.reference is not None:
        if options.reference not in by_label:
            close = difflib.get_close_matches(options.reference, by_label, 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ConfigError(
                f"The reference {options.reference!r} is no method. Expected "
                f"one of {sorted(by_label)}.{hint}"
            )
        return by_label[options.reference]
    single = [
        method
        for method in methods
        if method.config.get("trainer.name") == "single_task"
    ]
    return single[0] if len(single) == 1 else None


def _ordered(
    methods: Sequence[Method],
    reference: Method | None,
    published: PublishedTable,
) -> list[Method]:
    """As published, if it is; else the reference first, then by label."""
    place = {label: index for index, label in enumerate(published)}
    return sorted(
        methods,
        key=lambda m: (
            place.get(m.label, len(place)),
            m is not reference,
        ),
    )


def _rows(
    methods: Sequence[Method],
    columns: Sequence[Column],
    shown: Sequence[Column],
    options: Options,
    reference: Method | None,
    published: PublishedTable,
) -> list[Row]:
    by_column = {
        column: cells(column, methods, options, reference)
        for column in dict.fromkeys((*columns, *shown))
    }
    means = [
        {
            c: by_column[c][m.label].mean
            for c in columns
            if m.label in by_column[c]
        }
        for m in methods
    ]
    baseline = _baseline(methods, means, options, reference)
    complete = [len(one) == len(columns) for one in means]
    scores = normalised_scores(means)
    sizes = [method.fact(("parameters",)) for method in methods]
    smallest = min((size for size in sizes if size), default=None)
    rows = []
    for index, method in enumerate(methods):
        own = {
            c: by_column[c][method.label]
            for c in shown
            if method.label in by_column[c]
        }
        size, is_whole = sizes[index], complete[index]
        is_measured = is_whole and method is not reference and bool(baseline)
        rows.append(
            Row(
                label=method.label,
                count=len(method.runs),
                is_reference=method is reference,
                cells=own,
                published=_published(published.get(method.label), shown),
                mean_rank=_mean_rank(own, shown) if is_whole else None,
                delta_m=delta_m(means[index], baseline)
                if is_measured
                else None,
                score=scores[index] if is_whole and len(methods) > 1 else None,
                parameters=size,
                shared_parameters=method.fact(("shared_parameters",)),
                ratio=size / smallest if size and smallest else None,
                seconds=method.fact(("seconds",)),
                memory=method.fact(("peak_memory_bytes",)),
            )
        )
    return rows


def _baseline(
    methods: Sequence[Method],
    means: Sequence[Mapping[Column, float]],
    options: Options,
    reference: Method | None,
) -> dict[Column, float]:
    """What Δm is measured against: a method's means, or literal values."""
    found: dict[Column, float] = {}
    if reference is not None:
        found |= means[list(methods).index(reference)]
    known = {column.name: column for one in means for column in one}
    for name, value in options.reference_values.items():
        if name not in known:
            close = difflib.get_close_matches(name, sorted(known), 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ConfigError(
                f"The reference value is for {name!r}, which is not compared. "
                f"Expected one of {sorted(known)}.{hint}"
            )
        found[known[name]] = value
    return found


def _mean_rank(
    own: Mapping[Column, Cell], shown: Sequence[Column]
) -> float | None:
    places = [own[c].rank for c in shown if c in own]
    known = [place for place in places if place is not None]
    return mean(known) if known else None


def _published(
    given: Mapping[str, Mapping[str, Any]] | None, shown: Sequence[Column]
) -> dict[Column, Published]:
    found: dict[Column, Published] = {}
    for column in shown:
        value = (given or {}).get(column.task, {}).get(column.metric)
        if isinstance(value, int | float):
            found[column] = (float(value), None)
        elif isinstance(value, list | tuple) and value:
            spread = value[1] if len(value) > 1 else None
            found[column] = (float(value[0]), spread)
    return found
