"""Where a training loss stopped being a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Divergence(NamedTuple):
    """Where a training loss was first infinite or not a number.

    Attributes:
        task: Name of the task.
        step: Training batch, counted from 1.
    """

    task: str
    step: int


def first_divergence(
    tasks: Sequence[str], steps: Sequence[int]
) -> Divergence | None:
    """The earliest divergence, of the first task in order.

    Args:
        tasks: Names of the tasks.
        steps: Training batch at which each diverged, 0 for never.

    Returns:
        The earliest, or `None`.
    """
    found = [
        Divergence(task, int(step))
        for task, step in zip(tasks, steps, strict=True)
        if step > 0
    ]
    return min(found, key=lambda divergence: divergence.step, default=None)
