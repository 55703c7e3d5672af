"""DualProj: the mean gradient, projected to conflict with none."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import GUARANTEES
from keras_mtl.aggregators.nnls import nnls
from keras_mtl.aggregators.preference import PreferenceAggregator
from keras_mtl.aggregators.residuals import dualproj_residual
from keras_mtl.aggregators.solvers import (
    correlation,
    one_over,
    per_task,
    positive_part,
    shares,
)
from keras_mtl.typing import Tensor


def dualproj_weights(
    gram: Tensor,
    present: Tensor | None = None,
    preference: Tensor | None = None,
) -> Tensor:
    """Weights of the mean gradient projected on the dual cone.

    The nearest vector to the mean that conflicts with no gradient: one
    non-negative least-squares problem, solved exactly (relative tolerance
    1e-9 in float64).

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        preference: Non-negative float tensor, shape `(num_tasks,)`: shares
            in the mean; `None` for equal shares.

    Returns:
        Float tensor, shape `(num_tasks,)`: at least the shares.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Lopez-Paz & Ranzato, 2017](https://arxiv.org/abs/1706.08840)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        unit, norms = correlation(gram)
        unit = positive_part(unit)
        share = shares(present, preference)
        target = -ops.matmul(unit, share * norms)
        return share + nnls(unit, target[None, :])[0] * one_over(norms)

    return per_task(solve, gram, present)


@keras.saving.register_keras_serializable(package="keras_mtl")
class DualProj(PreferenceAggregator):
    """Projects the mean gradient on the dual cone of the gradients.

    The update never conflicts with any gradient. Its native scale is that
    of a mean.

    Args:
        preference: Shares of the tasks. See `PreferenceAggregator`.
        **kwargs: Arguments of `Aggregator`.
    """

    paper: ClassVar[str] = (
        "Lopez-Paz & Ranzato, 2017, https://arxiv.org/abs/1706.08840"
    )
    guarantees: ClassVar[frozenset[str]] = GUARANTEES

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights of the projection. See `dualproj_weights`."""
        return dualproj_weights(gram, present, self.values())

    def residual(
        self, gram: Tensor, weights: Tensor, present: Tensor | None = None
    ) -> Tensor | None:
        """Distance from the projection. See `dualproj_residual`."""
        return dualproj_residual(gram, weights, present, self.values())
