"""Dealing tasks into groups."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from keras_mtl.typing import Groups


def resolve_groups(
    tasks: Sequence[str], groups: Groups, seed: int
) -> tuple[tuple[str, ...], ...]:
    """The groups of a run: named ones, or `n` drawn at random and even.

    Args:
        tasks: Names of the tasks, sorted.
        groups: `None`, one group per task; an integer from 1 to the number of
            tasks, that many groups of sizes that differ by at most one; or
            lists of names that hold every task once.
        seed: Seed of the draw.

    Returns:
        Tuples of names, sorted within each group; drawn groups are sorted by
        their first name, named ones keep the order in which they were given.

    Raises:
        ValueError: If the number is out of range, or a task is unknown,
            missing or named twice.

    Reference:
        Pascal, 2021 (PhD thesis), eq. 4.8
    """
    if groups is None:
        return tuple((task,) for task in tasks)
    if isinstance(groups, int):
        return _dealt(tasks, groups, seed)
    if not _is_lists(groups):
        raise ValueError(
            "`groups` must be a number of groups, or a list of lists of task "
            f"names such as [['a', 'b'], ['c']]. Received: groups={groups!r}."
        )
    named = tuple(tuple(sorted(group)) for group in groups)
    _check_partition(tasks, named)
    return named


def _is_lists(groups: Any) -> bool:
    return isinstance(groups, (list, tuple)) and all(
        isinstance(group, (list, tuple)) for group in groups
    )


def _dealt(
    tasks: Sequence[str], count: int, seed: int
) -> tuple[tuple[str, ...], ...]:
    if isinstance(count, bool) or not 1 <= count <= len(tasks):
        raise ValueError(
            f"`groups` must be between 1 and the number of tasks "
            f"({len(tasks)}), or lists of task names. Received: "
            f"groups={count!r}."
        )
    shuffled = sorted(tasks)
    random.Random(seed).shuffle(shuffled)
    dealt = (tuple(sorted(shuffled[index::count])) for index in range(count))
    return tuple(sorted(dealt))


def _check_partition(
    tasks: Sequence[str], groups: tuple[tuple[str, ...], ...]
) -> None:
    counts = Counter(task for group in groups for task in group)
    unknown = sorted(set(counts) - set(tasks))
    missing = sorted(set(tasks) - set(counts))
    twice = sorted(task for task, count in counts.items() if count > 1)
    if unknown or missing or twice or not all(groups):
        raise ValueError(
            f"`groups` must hold each of the tasks {sorted(tasks)} exactly "
            f"once, in groups that are not empty. Unknown: {unknown}. "
            f"Missing: {missing}. Named twice: {twice}. Received: "
            f"groups={[list(group) for group in groups]}."
        )
