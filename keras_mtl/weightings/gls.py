"""GLS: the geometric mean of the losses."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting


def gls_weights(losses: Tensor, present: Tensor | None = None) -> Tensor:
    """Gradient of the geometric mean of the losses.

    Args:
        losses: Float tensor, shape `(num_tasks,)`.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Float tensor, shape `(num_tasks,)`: the geometric mean over `T` times
        each loss. Losses that are not positive are left out.

    Reference:
        [Chennupati et al., 2019](https://arxiv.org/abs/1904.08492)
    """
    losses = ops.convert_to_tensor(losses)
    present = all_present(present, losses.shape[0])
    # Written so that a NaN stays in.
    left_out = ops.logical_or(ops.logical_not(present), losses <= 0.0)
    mask = ops.cast(ops.logical_not(left_out), losses.dtype)
    safe = ops.where(left_out, ops.ones_like(losses), losses)
    count = ops.maximum(ops.sum(mask), 1.0)
    mean = ops.sum(ops.log(safe)) / count
    # In logarithms, as the quotient of a mean and a loss may overflow.
    return ops.exp(mean - ops.log(safe)) * mask / count


@keras.saving.register_keras_serializable(package="keras_mtl")
class GLS(Weighting):
    """Geometric loss strategy: minimises the geometric mean of the losses.

    No loss dominates by its scale. Losses should be positive; one that is
    not is left out of the mean for that step.

    Args:
        **kwargs: Arguments of `Weighting`.
    """

    paper: ClassVar[str] = (
        "Chennupati et al., 2019, https://arxiv.org/abs/1904.08492"
    )

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Gradient of the geometric mean. See `gls_weights`."""
        return gls_weights(losses, present)
