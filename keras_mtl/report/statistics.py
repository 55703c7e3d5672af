"""Means, spreads and the paired test, on plain numbers.

Sums are exact (`math.fsum`), so that the order of runs changes no digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean.

    Args:
        values: At least one number.

    Returns:
        Their mean; NaN if one of them is not finite.
    """
    if not all(map(math.isfinite, values)):
        return math.nan
    return math.fsum(values) / len(values)


def deviation(values: Sequence[float], is_sample: bool = True) -> float | None:
    """Standard deviation.

    Args:
        values: Finite numbers.
        is_sample: Whether to divide by n - 1 (an estimate for all seeds),
            not by n (the spread of these ones).

    Returns:
        The deviation, or `None` for fewer than two numbers, which say nothing
        about it.
    """
    if len(values) < 2:
        return None
    middle = mean(values)
    squares = math.fsum((value - middle) ** 2 for value in values)
    return math.sqrt(squares / (len(values) - is_sample))


def paired_p_value(
    first: Sequence[float], second: Sequence[float]
) -> float | None:
    """Two-sided paired t-test.

    Args:
        first: Scores of one method, finite.
        second: Scores of another, for the same seeds in the same order.

    Returns:
        Probability of a mean difference at least as large if there is none:
        1 for equal scores, 0 for a constant difference. `None` for fewer than
        two pairs, which allow no claim.

    Reference:
        Student, 1908. Distribution: Abramowitz & Stegun, 1964, 26.7.3-4
    """
    pairs = [a - b for a, b in zip(first, second, strict=True)]
    spread = deviation(pairs)
    if spread is None:
        return None
    middle = mean(pairs)
    scale = max(map(abs, [*first, *second]))
    # Differences that are rounding errors alone are no differences.
    if abs(middle) <= 1e-12 * scale and spread <= 1e-12 * scale:
        return 1.0
    if spread <= 1e-12 * scale:
        return 0.0
    return t_two_sided(middle / spread * math.sqrt(len(pairs)), len(pairs) - 1)


def t_two_sided(t: float, degrees: int) -> float:
    """P(|T| >= |t|) of Student's distribution.

    In closed form, which whole degrees of freedom have: the start-up of SciPy
    takes longer than a whole table.

    Args:
        t: The statistic.
        degrees: Degrees of freedom, 1 or more.

    Returns:
        Probability in [0, 1].
    """
    angle = math.atan2(abs(t), math.sqrt(degrees))
    sine, cosine = math.sin(angle), math.cos(angle)
    is_odd = degrees % 2 == 1
    term = cosine if is_odd else 1.0
    terms = []
    for k in range(3 if is_odd else 2, degrees + 1, 2):
        terms.append(term)
        term *= (k - 1) / k * cosine**2
    inside = sine * math.fsum(terms)
    if is_odd:
        inside = 2 / math.pi * (angle + inside)
    return min(1.0, max(0.0, 1 - inside))
