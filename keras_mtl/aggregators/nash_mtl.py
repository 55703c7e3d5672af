"""Nash-MTL: the tasks bargain over the update."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.bargaining import bargain
from keras_mtl.aggregators.preference import PreferenceAggregator
from keras_mtl.aggregators.residuals import bargain_residual
from keras_mtl.aggregators.solvers import (
    WORK,
    all_present,
    clean_gram,
    per_task,
)
from keras_mtl.typing import Shape, Tensor


def nash_mtl_weights(
    gram: Tensor,
    present: Tensor | None = None,
    preference: Tensor | None = None,
) -> Tensor:
    """Weights of the Nash bargaining solution.

    Solves `gram @ weights = preference / weights` to 1e-10 relative. The
    combination then has the length `sqrt(sum(preference))` whatever the
    length of the gradients.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        preference: Non-negative float tensor, shape `(num_tasks,)`:
            bargaining powers; `None` for 1.

    Returns:
        Float tensor, shape `(num_tasks,)`: positive, zero for zero gradients.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Navon et al., 2022](https://arxiv.org/abs/2202.01017)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        share = ops.cast(present, WORK)
        if preference is not None:
            share = share * ops.cast(preference, WORK)
        return bargain(gram, 1.0, share)

    return per_task(solve, gram, present, degree=-1.0)


@keras.saving.register_keras_serializable(package="keras_mtl")
class NashMTL(PreferenceAggregator):
    """The update to which bargaining tasks would agree.

    Its native scale is absolute: the length does not depend on that of the
    gradients, as published. With `scale="sum"` the weights are multiplied by
    the root mean square of the gradients' lengths, and `max_norm` is not
    applied.

    Args:
        preference: Bargaining powers. See `PreferenceAggregator`.
        update_every: Steps between two solutions; the weights stay in
            between. At least 1.
        max_norm: Upper limit of the update's length; `None` for no limit.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If `update_every` or `max_norm` is out of range.
    """

    paper: ClassVar[str] = (
        "Navon et al., 2022, https://arxiv.org/abs/2202.01017"
    )
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"non-conflicting", "permutation-equivariant", "deterministic"}
    )

    def __init__(
        self,
        preference: Any = None,
        update_every: int = 1,
        max_norm: float | None = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(preference=preference, **kwargs)
        if update_every < 1:
            raise ValueError(
                "`update_every` must be a number of steps of at least 1. "
                f"Received: update_every={update_every!r}."
            )
        if max_norm is not None and not (
            math.isfinite(max_norm) and max_norm > 0.0
        ):
            raise ValueError(
                "`max_norm` must be positive, or None for no limit. "
                f"Received: max_norm={max_norm!r}."
            )
        self.update_every = update_every
        self.max_norm = max_norm

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the count of steps and the last weights."""
        if self.update_every > 1:
            self.steps = self.add_weight(
                (), "zeros", dtype="int64", trainable=False, name="steps"
            )
            self.last = self.add_weight(
                (num_tasks,), "ones", trainable=False, name="last"
            )
        super().build_state(num_tasks, shapes, num_blocks)

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`sqrt(T)`, in units of the gradients' lengths."""
        return ops.sqrt(num_present)

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Bargained weights. See `nash_mtl_weights`."""
        gram = ops.convert_to_tensor(gram)
        self.num_tasks(gram)
        if self.update_every == 1:
            weights = nash_mtl_weights(gram, present, self.values())
        else:
            weights = self._now_and_then(gram, present)
        clean = clean_gram(gram, present)
        if self.scale == "sum":
            mask = ops.cast(all_present(present, gram.shape[0]), gram.dtype)
            squares = ops.sum(ops.diagonal(clean))
            return weights * ops.sqrt(ops.divide_no_nan(squares, ops.sum(mask)))
        if self.max_norm is None:
            return weights
        square = ops.sum(weights * ops.matmul(clean, weights))
        norm = ops.sqrt(ops.maximum(square, 0.0))
        return weights * (self.max_norm / ops.maximum(norm, self.max_norm))

    def _now_and_then(self, gram: Tensor, present: Tensor | None) -> Tensor:
        """Solves every `update_every` steps, else repeats the weights."""
        mask = all_present(present, gram.shape[0])
        last = ops.convert_to_tensor(self.last)
        due = ops.equal(self.steps % self.update_every, 0)
        found = ops.cond(
            due,
            lambda: ops.cast(
                nash_mtl_weights(gram, present, self.values()), last.dtype
            ),
            lambda: ops.where(mask, last, ops.zeros_like(last)),
        )
        finite = ops.all(ops.isfinite(clean_gram(gram, mask)))
        usable = ops.logical_and(finite, ops.all(ops.isfinite(found)))
        counted = ops.logical_and(usable, ops.any(mask))
        keep = ops.logical_and(mask, usable)
        self.last.assign(ops.where(keep, found, last))
        self.steps.assign_add(ops.cast(counted, "int64"))
        found = ops.where(finite, found, float("nan"))
        return ops.cast(found, gram.dtype)

    def residual(
        self, gram: Tensor, weights: Tensor, present: Tensor | None = None
    ) -> Tensor | None:
        """Unevenness of the bargain. See `bargain_residual`."""
        return bargain_residual(
            gram, weights, present, preference=self.values()
        )

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "update_every": self.update_every,
            "max_norm": self.max_norm,
        }
