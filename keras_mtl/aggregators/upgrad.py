"""UPGrad: the mean of the gradients, each projected to conflict with none."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import GUARANTEES
from keras_mtl.aggregators.nnls import nnls
from keras_mtl.aggregators.preference import PreferenceAggregator
from keras_mtl.aggregators.residuals import (
    direction_residual,
    projections_residual,
)
from keras_mtl.aggregators.solvers import (
    WORK,
    clean_gram,
    correlation,
    one_over,
    per_task,
    positive_part,
    shares,
)
from keras_mtl.typing import Tensor


def upgrad_weights(
    gram: Tensor,
    present: Tensor | None = None,
    preference: Tensor | None = None,
) -> Tensor:
    """Weights of the mean of the gradients projected on the dual cone.

    Each gradient is replaced by the nearest vector that conflicts with no
    gradient: one non-negative least-squares problem per task, solved
    exactly (relative tolerance 1e-9 in float64).

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        preference: Non-negative float tensor, shape `(num_tasks,)`: shares
            of the projected gradients; `None` for equal shares.

    Returns:
        Float tensor, shape `(num_tasks,)`: non-negative.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Quinton & Rey, 2024](https://arxiv.org/abs/2406.16232)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        _, norms, mixing = _projected(gram)
        share = shares(present, preference)
        return share + ops.matmul(share * norms, mixing) * one_over(norms)

    return per_task(solve, gram, present)


def _projected(gram: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Unit Gram matrix, norms, and what each unit gradient is added."""
    unit, norms = correlation(gram)
    unit = positive_part(unit)
    return unit, norms, nnls(unit, -unit)


def upgrad_residual(
    gram: Tensor,
    weights: Tensor,
    present: Tensor | None = None,
    preference: Tensor | None = None,
) -> Tensor:
    """How far a combination is from the mean of the projected gradients.

    That mean does not show its parts: they are found anew, held against the
    conditions for projections, and their mean against the combination.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        weights: Float tensor, shape `(num_tasks,)`, in any unit.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        preference: Non-negative float tensor, shape `(num_tasks,)`: shares
            of the projected gradients; `None` for equal shares.

    Returns:
        Float64 scalar, at least 0, relative to the lengths.
    """
    expected = upgrad_weights(gram, present, preference)
    gram = ops.cast(clean_gram(ops.convert_to_tensor(gram), present), WORK)
    unit, _, mixing = _projected(gram)
    return ops.maximum(
        direction_residual(gram, weights, expected, present),
        projections_residual(unit, mixing),
    )


@keras.saving.register_keras_serializable(package="keras_mtl")
class UPGrad(PreferenceAggregator):
    """Averages the gradients after projecting each on the dual cone.

    The update never conflicts with any gradient, and stays proportional to
    each task's gradient, which small losses need. Its native scale is that
    of a mean.

    Args:
        preference: Shares of the tasks. See `PreferenceAggregator`.
        **kwargs: Arguments of `Aggregator`.
    """

    paper: ClassVar[str] = (
        "Quinton & Rey, 2024, https://arxiv.org/abs/2406.16232"
    )
    guarantees: ClassVar[frozenset[str]] = GUARANTEES

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights of the projected mean. See `upgrad_weights`."""
        return upgrad_weights(gram, present, self.values())

    def residual(
        self, gram: Tensor, weights: Tensor, present: Tensor | None = None
    ) -> Tensor | None:
        """Distance from the mean. See `upgrad_residual`."""
        return upgrad_residual(gram, weights, present, self.values())
