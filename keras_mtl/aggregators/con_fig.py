"""ConFIG: the direction with equal cosine to every gradient."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.preference import PreferenceAggregator
from keras_mtl.aggregators.solvers import (
    WORK,
    check_gram,
    correlation,
    one_over,
    per_task,
    pinv_times,
    rounding,
)
from keras_mtl.typing import Tensor


def con_fig_weights(
    gram: Tensor,
    present: Tensor | None = None,
    preference: Tensor | None = None,
) -> Tensor:
    """Weights of the conflict-free direction, as long as it projects.

    The direction has the same cosine (or cosines in proportion to the
    preference) with every gradient; its length is the sum of the
    projections of the gradients on it.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        preference: Non-negative float tensor, shape `(num_tasks,)`: relative
            cosines; `None` for equal ones.

    Returns:
        Float tensor, shape `(num_tasks,)`. Zero gradients get no weight.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Liu et al., 2024](https://arxiv.org/abs/2408.11104)
    """
    gram = ops.convert_to_tensor(gram)
    check_gram(gram)
    tolerance = rounding(gram)

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        unit, norms = correlation(gram)
        target = ops.cast(norms > 0.0, WORK)
        if preference is not None:
            target = target * ops.cast(preference, WORK)
        mixing = pinv_times(unit, target, tolerance)
        products = ops.matmul(unit, mixing)
        square = ops.sum(mixing * products)
        square = ops.where(square > tolerance, square, 0.0)
        length = ops.sum(norms * products) * one_over(square)
        return mixing * one_over(norms) * length

    return per_task(solve, gram, present)


@keras.saving.register_keras_serializable(package="keras_mtl")
class ConFIG(PreferenceAggregator):
    """Moves at the same angle to every gradient. See `con_fig_weights`.

    Its native scale is that of a sum.

    Args:
        preference: Relative cosines. See `PreferenceAggregator`.
        **kwargs: Arguments of `Aggregator`.
    """

    paper: ClassVar[str] = "Liu et al., 2024, https://arxiv.org/abs/2408.11104"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`T`: the length of a sum."""
        return num_present

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Conflict-free weights. See `con_fig_weights`."""
        return con_fig_weights(gram, present, self.values())
