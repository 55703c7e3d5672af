"""IMTL-L: learned scales make all losses equally large."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.typing import Tensor
from keras_mtl.weightings.trained import TrainedLogs


def imtl_l_weights(log_scales: Tensor) -> Tensor:
    """Weights `exp(s)` of tasks with log scales `s`.

    Args:
        log_scales: Float tensor, shape `(num_tasks,)`.

    Returns:
        Float tensor, shape `(num_tasks,)`: positive.

    Reference:
        [Liu et al., 2021](https://openreview.net/forum?id=IMPnRXEWpvr)
    """
    return ops.exp(log_scales)


@keras.saving.register_keras_serializable(package="keras_mtl")
class IMTLL(TrainedLogs):
    """Impartial losses: every weighted loss is drawn to 1.

    The total is `sum(exp(s) * loss - s)` over the tasks of the batch, with
    one trainable log scale `s` per task.

    Args:
        init: First value of the log scales: a number, or by task.
        **kwargs: Arguments of `Weighting`.
    """

    paper: ClassVar[str] = (
        "Liu et al., 2021, https://openreview.net/forum?id=IMPnRXEWpvr"
    )

    trained: ClassVar[str] = "log_scale"

    @property
    def log_scales(self) -> list[keras.Variable]:
        """The trained numbers, in the order of the tasks."""
        return self.logs

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """`exp(s)`. See `imtl_l_weights`."""
        return imtl_l_weights(self.joined(self.logs))

    def penalty(self, present: Tensor | None = None) -> Tensor:
        """Minus the sum of the log scales of the present tasks."""
        return -self.total(present)
