"""The ranking of a challenge: a mean of ranks."""

from __future__ import annotations

import math
from collections.abc import Mapping


def challenge_ranking(
    scores: Mapping[str, Mapping[str, float]],
    higher_is_better: Mapping[str, bool],
    weights: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Ranks methods in each metric, and averages the ranks.

    The best of a metric has rank 1, ties share the best of their ranks, and
    an undefined value (NaN) ranks last.

    Args:
        scores: Method to metric to value.
        higher_is_better: Metric to which way it improves; its keys are the
            metrics that count.
        weights: Metric to its weight; equal by default.

    Returns:
        Method to its weighted mean rank, the best first.

    Raises:
        ValueError: If a method lacks a metric, or weights do not fit.

    Example:
        >>> scores = {"a": {"auc": 0.9, "px": 5}, "b": {"auc": 0.8, "px": 5}}
        >>> challenge_ranking(scores, {"auc": True, "px": False})
        {'a': 1.0, 'b': 1.5}

    Reference:
        [Orlando et al., 2020](https://arxiv.org/abs/1910.03667), whose
        challenge weighs the ranks of its metrics
    """
    metrics = list(higher_is_better)
    _check(scores, metrics)
    shares = dict.fromkeys(metrics, 1.0) if weights is None else dict(weights)
    total = sum(shares.values())
    if set(shares) != set(metrics) or min(shares.values()) < 0 or total <= 0:
        raise ValueError(
            "`weights` must give each metric a number that is not negative: "
            f"expected {sorted(metrics)}. Received: {weights}."
        )
    found = dict.fromkeys(scores, 0.0)
    for metric in metrics:
        sign = -1 if higher_is_better[metric] else 1
        costs = {name: _cost(row[metric], sign) for name, row in scores.items()}
        for name, cost in costs.items():
            rank = 1 + sum(other < cost for other in costs.values())
            found[name] += shares[metric] * rank / total
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _cost(value: float, sign: int) -> float:
    return math.inf if math.isnan(value) else sign * value


def _check(
    scores: Mapping[str, Mapping[str, float]], metrics: list[str]
) -> None:
    if not metrics:
        raise ValueError("`higher_is_better` must name a metric or more.")
    for name, row in scores.items():
        missing = sorted(set(metrics) - set(row))
        if missing:
            raise ValueError(
                f"The method {name!r} has no {missing}. Give every metric of "
                "`higher_is_better`, NaN where it is undefined."
            )
