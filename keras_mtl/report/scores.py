"""One number for all tasks of a method."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from keras_mtl.report.column import Column
from keras_mtl.report.statistics import mean

Means = Mapping[Column, float]


def delta_m(scores: Means, reference: Means) -> float | None:
    """Mean relative gain over single-task learning.

    The gain of a metric is its change divided by the reference's value, with
    the sign that makes better positive; a task's gain is the mean over its
    metrics, and the result is the mean over tasks.

    Args:
        scores: Column to the score of a method.
        reference: Column to the score of single-task learning.

    Returns:
        The gain, dimensionless (0.01 is one percent better). `None` unless
        every task of the method has a metric with a known direction and a
        reference that is not zero.

    Reference:
        [Maninis et al., 2019](https://arxiv.org/abs/1904.08918), section 4
    """
    gains: dict[str, list[float]] = {}
    for column, value in scores.items():
        listed = gains.setdefault(column.task, [])
        base = reference.get(column, 0.0)
        if column.direction is not None and base != 0:
            listed.append(column.direction * (value - base) / abs(base))
    return _mean_over_tasks(gains)


def normalised_scores(scores: Sequence[Means]) -> list[float | None]:
    """Min-max normalised scores, averaged over tasks.

    Per metric, the best method gets 1 and the worst 0; a metric in which all
    are equal tells nothing and is left out. Metrics are averaged per task.

    Args:
        scores: Column to score, one mapping a method.

    Returns:
        One score in [0, 1] a method; `None` where a task has no metric that
        tells the methods apart.

    Reference:
        Pascal, 2021 (PhD thesis), chapter 3: the multi-task score
    """
    spans: dict[Column, tuple[float, float]] = {}
    for column in {column for one in scores for column in one}:
        values = [one[column] for one in scores if column in one]
        if column.direction is not None and min(values) < max(values):
            spans[column] = (min(values), max(values))
    return [_normalised(one, spans) for one in scores]


def _normalised(
    scores: Means, spans: Mapping[Column, tuple[float, float]]
) -> float | None:
    parts: dict[str, list[float]] = {}
    for column, value in scores.items():
        listed = parts.setdefault(column.task, [])
        if column in spans:
            low, high = spans[column]
            part = (value - low) / (high - low)
            listed.append(part if column.direction == 1 else 1 - part)
    return _mean_over_tasks(parts)


def _mean_over_tasks(parts: Mapping[str, Sequence[float]]) -> float | None:
    if not parts or not all(parts.values()):
        return None
    result = mean([mean(parts[task]) for task in sorted(parts)])
    return result if math.isfinite(result) else None
