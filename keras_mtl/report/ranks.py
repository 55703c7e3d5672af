"""Ranks with ties."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def ranks(
    values: Sequence[float],
    direction: int,
    ties: str = "average",
    is_equal: Callable[[int, int], bool] | None = None,
) -> list[float]:
    """Ranks, 1 for the best; ties share a rank.

    Args:
        values: One finite number per method.
        direction: 1 where higher is better, -1 where lower is.
        ties: What equal values get: `"average"`, the mean of the places they
            take (1.5, 1.5, 3), or `"minimum"`, the best of them (1, 1, 3).
            `"statistical"` is like `"minimum"`, and counts as equal what
            `is_equal` says is not told apart from the best that has no rank
            yet.
        is_equal: Whether two methods, by position, are not told apart.

    Returns:
        One rank per method. Those of `"average"` sum to n (n + 1) / 2.

    Example:
        >>> ranks([0.7, 0.9, 0.9], direction=1)
        [3.0, 1.5, 1.5]

    Reference:
        Pascal, 2021 (PhD thesis): averages in chapter 3, statistical ties in
        chapters 4 and 5
    """
    order = sorted(range(len(values)), key=lambda i: -direction * values[i])
    found = [0.0] * len(values)
    place = 0
    while place < len(order):
        leader = order[place]
        tied = [
            i
            for i in order[place:]
            if values[i] == values[leader]
            or (
                ties == "statistical"
                and is_equal is not None
                and is_equal(leader, i)
            )
        ]
        shared = place + 1.0
        if ties == "average":
            shared += (len(tied) - 1) / 2
        for i in tied:
            found[i] = shared
        rest = [i for i in order[place:] if i not in tied]
        order = [*order[:place], *tied, *rest]
        place += len(tied)
    return found
