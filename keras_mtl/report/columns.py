"""Which scores a table has."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from keras_mtl.errors import ConfigError
from keras_mtl.report.column import MEAN, OUTPUTS, Column
from keras_mtl.report.definitions import definition, order
from keras_mtl.report.method import Method
from keras_mtl.report.options import Options


def task_columns(methods: Sequence[Method], options: Options) -> list[Column]:
    """Every metric of every task that is asked for, sorted.

    Args:
        methods: What is compared.
        options: Which metrics.

    Returns:
        Columns by task, then by metric.

    Raises:
        ConfigError: If a metric is asked for that no run has.
    """
    measured = {
        (task, metric)
        for method in methods
        for results in method.results.values()
        for task, scores in results.items()
        for metric in scores
    }
    _check(options.metrics, measured)
    chosen = {pair for pair in measured if _is_wanted(*pair, options.metrics)}
    if not chosen:  # nothing but losses
        chosen = measured
    return [
        _column(task, metric, methods, options)
        for task, metric in sorted(chosen, key=lambda p: (p[0], order(p[1])))
    ]


def averaged_columns(
    columns: Sequence[Column], over: str = "tasks"
) -> list[Column]:
    """One column per metric: its mean over the tasks that have it.

    Args:
        columns: What is averaged.
        over: `"tasks"`, or `"outputs"`: of all tasks together.
    """
    place = OUTPUTS if over == "outputs" else MEAN
    metrics = sorted({column.metric for column in columns}, key=order)
    first = {column.metric: column for column in reversed(columns)}
    return [
        Column(place, name, first[name].direction, first[name].is_fraction)
        for name in metrics
    ]


def _column(
    task: str, metric: str, methods: Sequence[Method], options: Options
) -> Column:
    """A column with what is known of its metric, or was recorded with it."""
    known = definition(metric)
    direction = options.directions.get(metric)
    if direction is None:
        direction = _recorded(task, metric, methods)
    if direction is None and known is not None:
        direction = known.direction
    is_fraction = known is not None and known.is_fraction
    return Column(task, metric, direction, is_fraction)


def _recorded(task: str, metric: str, methods: Sequence[Method]) -> int | None:
    for method in methods:
        for run in method.runs.values():
            found = run.definitions.get((task, metric), {})
            is_better = found.get("higher_is_better")
            if isinstance(is_better, bool):
                return 1 if is_better else -1
    return None


def _is_wanted(task: str, metric: str, wanted: Sequence[str]) -> bool:
    if not wanted:
        return metric != "loss"
    return metric in wanted or f"{task}.{metric}" in wanted


def _check(wanted: Sequence[str], measured: set[tuple[str, str]]) -> None:
    known = {metric for _, metric in measured}
    known |= {f"{task}.{metric}" for task, metric in measured}
    for name in wanted:
        if name not in known:
            close = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ConfigError(
                f"No run has the metric {name!r}. Expected one of "
                f"{sorted(known)}.{hint}"
            )
