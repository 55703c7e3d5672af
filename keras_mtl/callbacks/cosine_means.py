"""Means of the cosines between task gradients over an epoch."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.callbacks.event_images import cosine_image

Pair = tuple[str, str]


class CosineMeans:
    """Adds up `cosine/<a>/<b>`, and draws their means.

    Args:
        tasks: Names of the tasks, sorted.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        self.tasks = tuple(tasks)
        # A task's name may hold a slash, so that tags are not split.
        pairs = itertools.combinations(self.tasks, 2)
        self._pairs = {f"cosine/{a}/{b}": (a, b) for a, b in pairs}
        self._total: dict[Pair, float] = {}
        self._steps: dict[Pair, int] = {}

    def add(self, values: Mapping[str, float], steps: int) -> None:
        """Adds the means of some steps.

        Args:
            values: Tag to mean; what is no cosine is left out.
            steps: How many steps.
        """
        for tag, pair in self._pairs.items():
            if tag in values:
                total = self._total.get(pair, 0.0)
                self._total[pair] = total + steps * values[tag]
                self._steps[pair] = self._steps.get(pair, 0) + steps

    def result(self) -> dict[Pair, float]:
        """Pair of tasks to its mean, for the pairs that were measured."""
        return {p: total / self._steps[p] for p, total in self._total.items()}

    def draw(self) -> Any:
        """A Pillow image of the matrix; `None` if nothing was measured."""
        means = self.result()
        return cosine_image(self.tasks, means) if means else None
