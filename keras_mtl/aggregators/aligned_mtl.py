"""Aligned-MTL: gradients are rotated and scaled to be orthogonal."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, get_args

import keras
from keras import ops

from keras_mtl.aggregators.preference import PreferenceAggregator
from keras_mtl.aggregators.solvers import (
    check_gram,
    correlation,
    independent,
    one_over,
    per_task,
    rounding,
    shares,
)
from keras_mtl.typing import Tensor

EigenScale = Literal["min", "median", "rmse"]


def aligned_mtl_weights(
    gram: Tensor,
    present: Tensor | None = None,
    preference: Tensor | None = None,
    eigen_scale: EigenScale = "min",
) -> Tensor:
    """Weights of the mean of the aligned gradients.

    The singular values of the gradient matrix are all replaced by one:
    the smallest non-zero one, the (lower) median or the root mean square.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        preference: Non-negative float tensor, shape `(num_tasks,)`: shares
            in the mean; `None` for equal shares.
        eigen_scale: `"min"`, `"median"` or `"rmse"`.

    Returns:
        Float tensor, shape `(num_tasks,)`.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Senushkin et al., 2023](https://arxiv.org/abs/2305.19000)
    """
    gram = ops.convert_to_tensor(gram)
    check_gram(gram)
    tolerance = rounding(gram)

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        # The rank is judged on unit gradients: a short one is not dependent.
        _, _, keep = independent(correlation(gram)[0], tolerance)
        values, vectors, _ = independent(gram, 0.0)
        keep = ops.logical_and(keep, values > 0.0)
        inverse = ops.where(keep, one_over(ops.sqrt(ops.abs(values))), 0.0)
        scale = ops.sqrt(_common(values, keep, eigen_scale))
        share = ops.matmul(shares(present, preference), vectors)
        return ops.matmul(vectors, inverse * share) * scale

    return per_task(solve, gram, present)


def _common(values: Tensor, keep: Tensor, eigen_scale: EigenScale) -> Tensor:
    """The eigenvalue that replaces all; `values` ascend, `keep` is a tail."""
    num_tasks = values.shape[0]
    rank = ops.sum(ops.cast(keep, "int32"))
    total = ops.sum(ops.where(keep, values, 0.0))
    if eigen_scale == "rmse":
        return total * one_over(ops.cast(rank, values.dtype))
    place = num_tasks - rank
    if eigen_scale == "median":
        place = place + ops.maximum(rank - 1, 0) // 2
    place = ops.minimum(place, num_tasks - 1)
    return ops.maximum(ops.take(values, place), 0.0)


@keras.saving.register_keras_serializable(package="keras_mtl")
class AlignedMTL(PreferenceAggregator):
    """Makes the gradients orthogonal and equally long, then averages.

    Its native scale is that of a mean.

    Args:
        preference: Shares of the tasks. See `PreferenceAggregator`.
        eigen_scale: The common length: the `"min"` (as published), `"median"`
            or `"rmse"` of the singular values of the gradient matrix.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If `eigen_scale` is unknown.
    """

    paper: ClassVar[str] = (
        "Senushkin et al., 2023, https://arxiv.org/abs/2305.19000"
    )
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def __init__(
        self,
        preference: Any = None,
        eigen_scale: EigenScale = "min",
        **kwargs: Any,
    ) -> None:
        super().__init__(preference=preference, **kwargs)
        if eigen_scale not in get_args(EigenScale):
            raise ValueError(
                f"`eigen_scale` must be one of {get_args(EigenScale)}. "
                f"Received: eigen_scale={eigen_scale!r}."
            )
        self.eigen_scale = eigen_scale

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights of the aligned mean. See `aligned_mtl_weights`."""
        return aligned_mtl_weights(
            gram, present, self.values(), self.eigen_scale
        )

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "eigen_scale": self.eigen_scale}
