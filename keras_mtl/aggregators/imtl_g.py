"""IMTL-G: the combination that projects equally on every gradient."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.solvers import (
    check_gram,
    correlation,
    one_over,
    per_task,
    pinv_times,
    rounding,
)
from keras_mtl.typing import Tensor


def imtl_g_weights(gram: Tensor, present: Tensor | None = None) -> Tensor:
    """Weights whose combined gradient projects equally on every task.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Float tensor, shape `(num_tasks,)`: sums to 1, may be negative. Zero
        gradients get no weight. All zeros if no combination has equal and
        positive projections, as with exactly opposite gradients.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Liu et al., 2021](https://openreview.net/forum?id=IMPnRXEWpvr)
    """
    gram = ops.convert_to_tensor(gram)
    check_gram(gram)
    tolerance = rounding(gram)

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        unit, norms = correlation(gram)
        target = ops.cast(norms > 0.0, norms.dtype)
        # Weights of the unit gradients; their sum is a squared length.
        mixing = pinv_times(unit, target, tolerance)
        exists = ops.sum(mixing) > tolerance
        weights = ops.where(exists, mixing, 0.0) * one_over(norms)
        return ops.divide_no_nan(weights, ops.sum(weights))

    return per_task(solve, gram, present)


@keras.saving.register_keras_serializable(package="keras_mtl")
class IMTLG(Aggregator):
    """Impartial aggregation: no task dominates. See `imtl_g_weights`.

    Its native scale is that of an affine combination.

    Args:
        **kwargs: Arguments of `Aggregator`.
    """

    paper: ClassVar[str] = (
        "Liu et al., 2021, https://openreview.net/forum?id=IMPnRXEWpvr"
    )
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Impartial weights. See `imtl_g_weights`."""
        return imtl_g_weights(gram, present)
