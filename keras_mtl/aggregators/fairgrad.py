"""FairGrad: the update as a fairly allocated resource."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.bargaining import bargain
from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.residuals import bargain_residual
from keras_mtl.aggregators.solvers import (
    WORK,
    all_present,
    clean_gram,
    per_task,
)
from keras_mtl.typing import Tensor


def fairgrad_weights(
    gram: Tensor, present: Tensor | None = None, alpha: float = 2.0
) -> Tensor:
    """Weights of the alpha-fair update.

    Solves `gram @ weights = weights ** (-1 / alpha)` to 1e-10 relative.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        alpha: Fairness, positive: 1 is proportional fairness (Nash-MTL);
            large values tend to the fairness of MGDA.

    Returns:
        Float tensor, shape `(num_tasks,)`: positive, zero for zero gradients.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Ban & Ji, 2024](https://arxiv.org/abs/2402.15638)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        return bargain(gram, 1.0 / alpha, ops.cast(present, WORK))

    degree = -2.0 * alpha / (1.0 + alpha)
    return per_task(solve, gram, present, degree=degree)


@keras.saving.register_keras_serializable(package="keras_mtl")
class FairGrad(Aggregator):
    """Divides the update between the tasks by alpha-fairness.

    Its native scale is absolute: scaling the gradients by `s` scales the
    update by `s ** ((1 - alpha) / (1 + alpha))`, as published. With
    `scale="sum"` the update has the scale of the gradients.

    Args:
        alpha: Fairness, positive. See `fairgrad_weights`.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If `alpha` is not positive.
    """

    paper: ClassVar[str] = "Ban & Ji, 2024, https://arxiv.org/abs/2402.15638"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"non-conflicting", "permutation-equivariant", "deterministic"}
    )

    def __init__(self, alpha: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not (math.isfinite(alpha) and alpha > 0.0):
            raise ValueError(
                f"`alpha` must be a positive number. Received: alpha={alpha!r}."
            )
        self.alpha = alpha

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`T ** (1 / (1 + alpha))`, in units of the gradients' lengths."""
        return num_present ** (1.0 / (1.0 + self.alpha))

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Fair weights. See `fairgrad_weights`."""
        gram = ops.convert_to_tensor(gram)
        weights = fairgrad_weights(gram, present, self.alpha)
        if self.scale == "native":
            return weights
        mask = ops.cast(all_present(present, gram.shape[0]), gram.dtype)
        squares = ops.sum(ops.diagonal(clean_gram(gram, present)))
        mean = ops.divide_no_nan(squares, ops.sum(mask))
        return weights * mean ** (self.alpha / (1.0 + self.alpha))

    def residual(
        self, gram: Tensor, weights: Tensor, present: Tensor | None = None
    ) -> Tensor | None:
        """Unevenness of the bargain. See `bargain_residual`."""
        return bargain_residual(gram, weights, present, 1.0 / self.alpha)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "alpha": self.alpha}
