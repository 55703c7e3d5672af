"""Which filters a task uses, and how they change: plain NumPy functions.

Words: `S` filters, `T` tasks, `n` filters that each task uses. A filter is
visited by a task once the task has used it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

Array = Any


def check_ratio(p: Any, name: str = "p") -> float:
    """Refuses a ratio that is not one.

    Args:
        p: The ratio.
        name: Name of the argument, for the message.

    Returns:
        The ratio as a float.

    Raises:
        ValueError: If it is not a number in [0, 1].
    """
    number = float(p) if isinstance(p, Real) else -1.0
    if isinstance(p, bool) or not 0 <= number <= 1:
        raise ValueError(
            f"`{name}` must be a number in [0, 1]. Received: {name}={p!r}."
        )
    return number


def filters_per_task(p: float, num_filters: int, num_tasks: int) -> int:
    """How many filters of a layer each task uses.

    Args:
        p: Share of the filters, in [0, 1].
        num_filters: `S`.
        num_tasks: `T`.

    Returns:
        `p * S` rounded up, and at least so many that every filter can have
        a task.
    """
    # 1e-9: 0.8 * 10 is a little more than 8 in floating point.
    wanted = math.ceil(p * num_filters - 1e-9)
    return min(max(wanted, math.ceil(num_filters / num_tasks)), num_filters)


def initial_mask(
    p: float, num_filters: int, num_tasks: int, seed: int
) -> Array:
    """Draws the filters of every task.

    The filters are dealt to the tasks in a random order, so that each has a
    task; then the tasks are filled up at random.

    Args:
        p: Share of the filters that a task uses, in [0, 1].
        num_filters: `S`.
        num_tasks: `T`.
        seed: Seed of the draw.

    Returns:
        Boolean array, shape `(T, S)`, whose rows all have the same sum.
    """
    random = np.random.default_rng(seed)
    count = filters_per_task(p, num_filters, num_tasks)
    mask = np.zeros((num_tasks, num_filters), bool)
    order = random.permutation(num_filters)
    mask[np.arange(num_filters) % num_tasks, order] = True
    for row in mask:
        missing = count - int(row.sum())
        row[random.permutation(np.flatnonzero(~row))[:missing]] = True
    return mask


def planned_updates(
    num_filters: int, count: int, update_ratio: float = 1.0
) -> int:
    """Swaps until a task has visited its share of the filters.

    Args:
        num_filters: `S`.
        count: `n`.
        update_ratio: Share of the `S - n` swaps after which a task stops.

    Returns:
        Number of swaps.
    """
    return math.ceil(update_ratio * (num_filters - count) - 1e-9)


def random_scores(
    seeds: Sequence[int], update: int, num_tasks: int, num_filters: int
) -> Array:
    """Uniform draws for one update: the same for the same arguments.

    Args:
        seeds: Seeds of the layer and of the run, 0 or more.
        update: Index of the update.
        num_tasks: `T`.
        num_filters: `S`.

    Returns:
        Float array, shape `(2, T, S)`, in [0, 1): what to turn on, and what
        to turn off.
    """
    random = np.random.default_rng([*seeds, update])
    return random.random((2, num_tasks, num_filters))


def similarity_scores(kernels: Array, mask: Array) -> Array:
    """How much each filter resembles those that a task uses.

    Args:
        kernels: Float array, shape `(S, weights of a filter)`.
        mask: Boolean array, shape `(T, S)`.

    Returns:
        Float array, shape `(2, T, S)`: minus the sum of the cosines with the
        task's filters, and that sum without the filter itself. The highest
        is to be turned on, and off.
    """
    rows = np.asarray(kernels, "float64")
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, 0.0)
    alignment = mask.astype("float64") @ cosines
    return np.stack([-alignment, alignment])


def summary(mask: Array) -> tuple[float, float, int]:
    """What a mask looks like.

    Args:
        mask: Boolean array, shape `(T, S)`.

    Returns:
        Share of the filters that a task uses; share that a pair of tasks
        uses both, on average (0 for one task); filters that no task uses.
    """
    num_tasks, num_filters = mask.shape
    users = mask.sum(axis=0)
    pairs = max(num_tasks * (num_tasks - 1), 1) * num_filters
    overlap = float((users * (users - 1)).sum() / pairs)
    return float(mask.mean()), overlap, int((users == 0).sum())


def swap(
    mask: Array,
    visited: Array,
    tasks: Sequence[int],
    scores: Array,
    keep_coverage: bool = True,
) -> list[tuple[int, int, int]]:
    """Turns one filter on and one off, in place, for some tasks in order.

    Args:
        mask: Boolean array, shape `(T, S)`.
        visited: Boolean array, shape `(T, S)`; contains `mask`.
        tasks: Rows to change. One that has visited everything is left alone.
        scores: Float array, shape `(2, T, S)`: among the filters that may be
            turned on, and off, the one with the highest score is.
        keep_coverage: Turn off only what another task uses as well, where
            there is such a filter.

    Returns:
        A task, the filter it gained and the filter it lost, for each change.
    """
    users = mask.sum(axis=0)
    swaps = []
    for task in tasks:
        fresh, used = ~visited[task], mask[task]
        if not fresh.any():
            continue
        spare = used & (users > 1)
        if keep_coverage and spare.any():
            used = spare
        gained = int(np.where(fresh, scores[0, task], -np.inf).argmax())
        lost = int(np.where(used, scores[1, task], -np.inf).argmax())
        mask[task, gained], mask[task, lost] = True, False
        visited[task, gained] = True
        users[gained] += 1
        users[lost] -= 1
        swaps.append((int(task), gained, lost))
    return swaps
