"""MGDA: the shortest vector in the convex hull of the gradients."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, get_args

import keras
from keras import ops

from keras_mtl.aggregators.base import GUARANTEES, Aggregator
from keras_mtl.aggregators.nnls import nnls
from keras_mtl.aggregators.residuals import mgda_residual
from keras_mtl.aggregators.solvers import (
    WORK,
    all_present,
    check_gram,
    correlation,
    one_over,
    per_task,
    positive_part,
)
from keras_mtl.typing import Tensor

Normalization = Literal["none", "l2", "loss", "loss+"]


def _two_tasks(gram: Tensor) -> Tensor:
    """Closed form of the min-norm point of a segment."""
    first, second, cross = gram[0, 0], gram[1, 1], gram[0, 1]
    gap = first + second - 2.0 * cross
    share = ops.divide_no_nan(second - cross, gap)
    # Identical gradients: every point is the same.
    share = ops.where(gap > 0.0, ops.clip(share, 0.0, 1.0), 0.5)
    return ops.stack([share, 1.0 - share])


def min_norm_point(gram: Tensor, present: Tensor) -> Tensor:
    """Convex weights of the shortest combination, for a scaled Gram matrix.

    On `x >= 0`, the minimum of `|J^T x|^2 + (1^T x - 1)^2` points to the
    min-norm point of the simplex: one non-negative least-squares problem, on
    unit rows so that gradients of very different lengths do no harm.

    Args:
        gram: Float64 tensor, shape `(num_tasks, num_tasks)`, zero for absent
            tasks.
        present: Boolean tensor, shape `(num_tasks,)`.

    Returns:
        Float64 tensor, shape `(num_tasks,)`, summing to 1 if any is present.
    """
    unit, norms = correlation(gram)
    shortest = ops.min(ops.where(present, norms, float("inf")))
    shortest = ops.where(ops.isfinite(shortest), shortest, 0.0)
    lengths = shortest * one_over(norms)
    matrix = positive_part(unit) + lengths[:, None] * lengths[None, :]
    weights = nnls(matrix, lengths[None, :])[0] * lengths
    # A zero gradient is the shortest vector of any hull.
    still = ops.logical_and(present, norms == 0.0)
    weights = ops.where(ops.any(still), ops.cast(still, WORK), weights)
    return weights * one_over(ops.sum(weights))


def _solve(gram: Tensor, present: Tensor) -> Tensor:
    if gram.shape[0] == 1:
        return ops.ones((1,), WORK)
    if gram.shape[0] > 2:
        return min_norm_point(gram, present)
    alone = ops.cast(present, WORK)
    return ops.where(ops.all(present), _two_tasks(gram), alone)


def mgda_weights(
    gram: Tensor,
    present: Tensor | None = None,
    lengths: Tensor | None = None,
) -> Tensor:
    """Convex weights of the min-norm point: a common descent direction.

    Closed form for two tasks, otherwise exact by an active set (relative
    tolerance 1e-9 in float64, before the rounding of `gram`).

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        lengths: Float tensor, shape `(num_tasks,)`: gradients are divided by
            these for finding the weights. A task with length 0 is left out.

    Returns:
        Float tensor, shape `(num_tasks,)`: non-negative, sums to 1. Zero
        gradients share all the weight.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Sener & Koltun, 2018](https://arxiv.org/abs/1810.04650)
    """
    gram = ops.convert_to_tensor(gram)
    check_gram(gram)
    scaled = ops.cast(gram, WORK)
    if lengths is not None:
        everyone = all_present(present, gram.shape[0])
        size = ops.where(everyone, ops.abs(ops.cast(lengths, WORK)), 0.0)
        inverse = ops.max(size) * one_over(size)
        scaled = scaled * inverse[:, None] * inverse[None, :]
        some = ops.logical_and(everyone, size != 0.0)
        present = ops.where(ops.any(some), some, everyone)
    return ops.cast(per_task(_solve, scaled, present), gram.dtype)


@keras.saving.register_keras_serializable(package="keras_mtl")
class MGDA(Aggregator):
    """Descends along the shortest convex combination of the gradients.

    Without normalization no task's loss increases to first order, and at a
    Pareto-stationary point the update is zero. With
    `gradients="representation"` this is MGDA-UB. Its native scale is that of
    a convex combination.

    Args:
        normalization: What each gradient is divided by while the weights are
            sought (the weights then apply to the gradients themselves):
            `"none"`, `"l2"` (its norm), `"loss"` (its loss) or `"loss+"`
            (both). A task whose divisor is 0 gets no weight.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If `normalization` is unknown.
    """

    paper: ClassVar[str] = (
        "Sener & Koltun, 2018, https://arxiv.org/abs/1810.04650"
    )
    guarantees: ClassVar[frozenset[str]] = GUARANTEES

    def __init__(
        self, normalization: Normalization = "none", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if normalization not in get_args(Normalization):
            raise ValueError(
                f"`normalization` must be one of {get_args(Normalization)}. "
                f"Received: normalization={normalization!r}."
            )
        self.normalization = normalization
        if normalization != "none":
            # The weights were not found for the gradients they apply to.
            self.guarantees = self.guarantees - {"non-conflicting"}  # type: ignore[misc]

    @property
    def reads_losses(self) -> bool:
        """True if the gradients are divided by the losses."""
        return self.normalization in ("loss", "loss+")

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights of the min-norm point. See `mgda_weights`."""
        lengths = None
        if self.normalization in ("l2", "loss+"):
            gram = ops.convert_to_tensor(gram)
            lengths = ops.sqrt(ops.cast(ops.diagonal(gram), WORK))
        if self.reads_losses:
            if losses is None:
                raise ValueError(
                    f"MGDA(normalization={self.normalization!r}) divides by "
                    "the task losses. Received: losses=None. Pass `losses` of "
                    "shape (num_tasks,)."
                )
            losses = ops.cast(losses, WORK)
            lengths = losses if lengths is None else lengths * losses
        return mgda_weights(gram, present, lengths)

    def residual(
        self, gram: Tensor, weights: Tensor, present: Tensor | None = None
    ) -> Tensor | None:
        """Distance from the min-norm point. See `mgda_residual`."""
        if self.normalization != "none":
            return None
        return mgda_residual(gram, weights, present)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "normalization": self.normalization}
