"""Trimmed mean: extremes are left out of every element of the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, Reads
from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor


def trimmed_mean(
    stack: Tensor, trim: int = 1, present: Tensor | None = None
) -> Tensor:
    """Mean, per element, of what remains without the extremes.

    Args:
        stack: Float tensor, shape `(num_tasks, *shape)`.
        trim: How many of the smallest, and of the largest, to leave out.
            With too few present tasks as many as leave one or two.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Tensor of shape `shape`; not finite where a gradient is not.

    Reference:
        [Yin et al., 2018](https://arxiv.org/abs/1803.01498)
    """
    num_tasks = stack.shape[0]
    shape = (num_tasks, *[1] * (len(stack.shape) - 1))
    mask = all_present(present, num_tasks)
    count = ops.sum(ops.cast(mask, "int32"))
    mask = ops.reshape(mask, shape)
    clean = ops.where(mask, stack, ops.zeros_like(stack))
    # Absent tasks go to the end.
    top = ops.max(clean, axis=0, keepdims=True)
    ordered = ops.sort(ops.where(mask, clean, top), axis=0)
    trim = ops.maximum(ops.minimum(trim, (count - 1) // 2), 0)
    rank = ops.reshape(ops.arange(num_tasks, dtype="int32"), shape)
    inside = ops.logical_and(rank >= trim, rank < count - trim)
    total = ops.sum(ops.where(inside, ordered, ops.zeros_like(ordered)), 0)
    number = ops.cast(ops.maximum(count - 2 * trim, 1), stack.dtype)
    return total / number + 0.0 * ops.sum(clean, axis=0)


@keras.saving.register_keras_serializable(package="keras_mtl")
class TrimmedMean(Aggregator):
    """Averages each element of the gradients without its extremes.

    Robust to a few wild gradients. Its native scale is that of a mean.

    Args:
        trim: How many of the smallest, and of the largest, to leave out; the
            tasks must be more than twice as many.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If `trim` is negative, or (when the trainer is built) too
            large for the number of tasks.
    """

    reads: ClassVar[Reads] = "stack"
    paper: ClassVar[str] = "Yin et al., 2018, https://arxiv.org/abs/1803.01498"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def __init__(self, trim: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if trim < 0:
            raise ValueError(
                f"`trim` must be at least 0. Received: trim={trim!r}."
            )
        self.trim = trim

    def check_tasks(
        self, tasks: Sequence[str], among: Sequence[str] | None = None
    ) -> None:
        """Refuses tasks that trimming would leave without any."""
        if len(tasks) <= 2 * self.trim:
            raise ValueError(
                f"TrimmedMean(trim={self.trim}) needs at least "
                f"{2 * self.trim + 1} tasks. Received: {list(tasks)}."
            )

    def combine(
        self, stack: Tensor, index: int = 0, present: Tensor | None = None
    ) -> Tensor:
        """Trims one variable. See `trimmed_mean`."""
        return trimmed_mean(stack, self.trim, present)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "trim": self.trim}
