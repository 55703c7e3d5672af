"""Methods side by side."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.report import same
from keras_mtl.report.column import AVERAGES, OUTPUTS, Column
from keras_mtl.report.columns import averaged_columns, task_columns
from keras_mtl.report.grouping import methods as grouped
from keras_mtl.report.method import Method
from keras_mtl.report.notes import column_notes, result_notes
from keras_mtl.report.options import Options
from keras_mtl.report.row import Row
from keras_mtl.report.rows import make_rows
from keras_mtl.report.run import Run
from keras_mtl.report.statistics import mean
from keras_mtl.report.sweep import Sweep


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
    sweep: Sweep | None = None,
) -> Comparison:
    """Compares methods over their seeds.

    Args:
        runs: Finished runs, in any order.
        options: How to compare.
        notes: Notes of the reader of the runs; come first.
        sweep: What sweep files say of the table: the order of its rows,
            published values, the reference. The options come before it.

    Returns:
        The comparison.

    Raises:
        DataError: If there is no run, or none has scores on the split.
        ConfigError: If the runs use several data sets, splits or definitions
            of a metric, or an option names what is not there.
    """
    options, sweep = options or Options(), sweep or Sweep()
    if not runs:
        lines = "\n  ".join(["There is no finished run to compare.", *notes])
        raise DataError(lines)
    split = options.split or sweep.split or "test"
    options = dataclasses.replace(options, split=split)
    runs = sorted(runs, key=lambda run: str(run.path))
    same.check_data(runs, options.ignored)
    methods, group_notes = grouped(runs, options.split, options.ignored)
    options = _completed(options, sweep, methods)
    columns = task_columns(methods, options)
    if not columns:
        raise DataError(
            f"No run has scores on the {options.split} split. Choose another "
            "with --split."
        )
    same.check_metrics(runs, columns)
    reference = _reference(methods, options)
    methods = _ordered(methods, reference, sweep, options)
    shown = columns
    if options.average:
        shown = averaged_columns(columns, options.average_over)
    baseline = _baseline(methods, columns, options, reference)
    rows = make_rows(
        methods, columns, shown, options, reference, baseline, sweep.published
    )
    return Comparison(
        columns=tuple(shown),
        rows=tuple(rows),
        notes=(
            *notes,
            *group_notes,
            *result_notes(methods, columns, options),
            *column_notes(columns, rows, reference),
            *(f"Published values: {source}." for source in sweep.sources),
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


def _completed(
    options: Options, sweep: Sweep, methods: Sequence[Method]
) -> Options:
    """What a sweep asks for, where the options are silent."""
    changes: dict[str, Any] = {}
    measured = {
        f"{task}.{metric}"
        for method in methods
        for results in method.results.values()
        for task, scores in results.items()
        for metric in scores
    }
    metrics = tuple(name for name in sweep.metrics if name in measured)
    asked = [name.partition(".")[::2] for name in sweep.metrics]
    averages = [pair for pair in asked if pair[0] in AVERAGES]
    if not metrics and averages:  # all columns are means
        known = {name.partition(".")[2] for name in measured}
        metrics = tuple(name for _, name in averages if name in known)
        changes["average"] = True
        if averages[0][0] == OUTPUTS:
            changes["average_over"] = "outputs"
    if options.metrics:
        changes.clear()
    elif metrics:
        changes["metrics"] = metrics
    labels = {method.label for method in methods}
    if options.reference is None and sweep.reference in labels:
        changes["reference"] = sweep.reference
    return dataclasses.replace(options, **changes)


def _ordered(
    methods: Sequence[Method],
    reference: Method | None,
    sweep: Sweep,
    options: Options,
) -> list[Method]:
    """As the sweep says; else the reference first, then by label.

    Rows that are only published come along, without a run.
    """
    known = {method.label for method in methods}
    empty = [
        Method(label, {}, {}, options.split)
        for label in sweep.published
        if label not in known
    ]
    order = dict.fromkeys((*sweep.order, *sweep.published))
    place = {label: index for index, label in enumerate(order)}
    return sorted(
        [*methods, *empty],
        key=lambda m: (place.get(m.label, len(place)), m is not reference),
    )


def _baseline(
    methods: Sequence[Method],
    columns: Sequence[Column],
    options: Options,
    reference: Method | None,
) -> dict[Column, float]:
    """What Δm is measured against: a method's means, or literal values."""
    found: dict[Column, float] = {}
    for column in columns:
        values = reference.finite(column) if reference is not None else {}
        if values:
            found[column] = mean(list(values.values()))
    known = {column.name: column for column in columns}
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
