"""Krum: only the gradients that have close neighbours count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.solvers import WORK, outer, per_task
from keras_mtl.typing import Tensor


def krum_weights(
    gram: Tensor,
    present: Tensor | None = None,
    num_byzantine: int = 1,
    num_selected: int = 1,
) -> Tensor:
    """Equal weights for the gradients with the closest neighbours.

    A gradient's score is the sum of its squared distances to its
    `T - num_byzantine - 2` nearest neighbours (at least one).

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        num_byzantine: How many gradients may be arbitrarily bad.
        num_selected: How many gradients to average.

    Returns:
        Float tensor, shape `(num_tasks,)`: sums to 1.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Blanchard et al., 2017](https://arxiv.org/abs/1703.02757)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        num_tasks = gram.shape[0]
        square = ops.diagonal(gram)
        distance = square[:, None] + square[None, :] - 2.0 * gram
        eye = ops.eye(num_tasks, dtype="bool")
        pair = ops.logical_and(outer(present), ops.logical_not(eye))
        # Scaled Gram: no distance of present tasks exceeds 4.
        distance = ops.where(pair, ops.maximum(distance, 0.0), 8.0)
        count = ops.sum(ops.cast(present, "int32"))
        neighbours = ops.clip(count - num_byzantine - 2, 1, num_tasks)
        rank = ops.arange(num_tasks, dtype="int32")
        near = ops.cast(rank < neighbours, WORK)
        score = ops.sum(ops.sort(distance, axis=-1) * near, axis=-1)
        score = ops.where(present, score, float("inf"))
        place = ops.argsort(ops.argsort(score))
        selected = ops.minimum(num_selected, ops.maximum(count, 1))
        chosen = ops.logical_and(place < selected, present)
        return ops.cast(chosen, WORK) / ops.cast(selected, WORK)

    return per_task(solve, gram, present)


@keras.saving.register_keras_serializable(package="keras_mtl")
class Krum(Aggregator):
    """Averages the gradients that lie closest together.

    Robust to a few wild gradients. Its native scale is that of a mean.

    Args:
        num_byzantine: How many gradients may be arbitrarily bad; the tasks
            must be at least three more.
        num_selected: How many gradients to average.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If an option is out of range, or (when the trainer is
            built) does not fit the number of tasks.
    """

    paper: ClassVar[str] = (
        "Blanchard et al., 2017, https://arxiv.org/abs/1703.02757"
    )
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def __init__(
        self, num_byzantine: int = 1, num_selected: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if num_byzantine < 0 or num_selected < 1:
            raise ValueError(
                "`num_byzantine` must be at least 0 and `num_selected` at "
                f"least 1. Received: num_byzantine={num_byzantine!r}, "
                f"num_selected={num_selected!r}."
            )
        self.num_byzantine = num_byzantine
        self.num_selected = num_selected

    def check_tasks(
        self, tasks: Sequence[str], among: Sequence[str] | None = None
    ) -> None:
        """Refuses fewer tasks than the options ask for."""
        fewest = max(self.num_byzantine + 3, self.num_selected)
        if len(tasks) < fewest:
            raise ValueError(
                f"Krum(num_byzantine={self.num_byzantine}, num_selected="
                f"{self.num_selected}) needs at least {fewest} tasks. "
                f"Received: {list(tasks)}."
            )

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights of the chosen gradients. See `krum_weights`."""
        return krum_weights(
            gram, present, self.num_byzantine, self.num_selected
        )

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "num_byzantine": self.num_byzantine,
            "num_selected": self.num_selected,
        }
