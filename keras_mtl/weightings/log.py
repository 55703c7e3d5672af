"""Log: the sum of the logarithms of the losses."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting


def log_weights(losses: Tensor, present: Tensor | None = None) -> Tensor:
    """Gradient of the sum of the logarithms of the losses.

    Args:
        losses: Float tensor, shape `(num_tasks,)`.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Float tensor, shape `(num_tasks,)`: one over each loss; 0 for losses
        that are not positive.

    Reference:
        [Lin et al., 2023](https://arxiv.org/abs/2308.12029)
    """
    losses = ops.convert_to_tensor(losses)
    present = all_present(present, losses.shape[0])
    left_out = ops.logical_or(ops.logical_not(present), losses <= 0.0)
    safe = ops.where(left_out, ops.ones_like(losses), losses)
    return ops.where(left_out, ops.zeros_like(losses), 1.0 / safe)


@keras.saving.register_keras_serializable(package="keras_mtl")
class Log(Weighting):
    """Minimises the sum of the logarithms of the losses.

    The scale of a loss no longer matters. It is the loss half of
    Dual-Balancing MTL; the gradient half is the `DBMTL` aggregator. Losses
    should be positive; one that is not is left out for that step.

    Args:
        **kwargs: Arguments of `Weighting`.
    """

    paper: ClassVar[str] = "Lin et al., 2023, https://arxiv.org/abs/2308.12029"

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """One over the losses. See `log_weights`."""
        return log_weights(losses, present)
