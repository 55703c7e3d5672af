"""Uncertainty weighting: the variance of each task's noise is learned."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.typing import Tensor
from keras_mtl.weightings.trained import TrainedLogs


def uncertainty_weights(log_variances: Tensor) -> Tensor:
    """Weights `exp(-s)` of tasks with log variances `s`.

    Args:
        log_variances: Float tensor, shape `(num_tasks,)`.

    Returns:
        Float tensor, shape `(num_tasks,)`.

    Reference:
        [Kendall et al., 2018](https://arxiv.org/abs/1705.07115)
    """
    return ops.exp(-log_variances)


@keras.saving.register_keras_serializable(package="keras_mtl")
class Uncertainty(TrainedLogs):
    """Weighs each task by the inverse of a learned noise variance.

    The total is `sum(exp(-s) * loss + s / 2)` over the tasks of the batch,
    with one trainable log variance `s` per task: the paper's approximation
    for classification, used for every kind of task. (For a regression its
    form has `loss / 2`, which shifts the optimal `s` by a constant.) At the
    optimum the weight is `1 / (2 * loss)`.

    Args:
        init: First value of the log variances: a number, or by task.
        **kwargs: Arguments of `Weighting`.
    """

    paper: ClassVar[str] = (
        "Kendall et al., 2018, https://arxiv.org/abs/1705.07115"
    )

    trained: ClassVar[str] = "log_variance"

    @property
    def log_variances(self) -> list[keras.Variable]:
        """The trained numbers, in the order of the tasks."""
        return self.logs

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """`exp(-s)`. See `uncertainty_weights`."""
        return uncertainty_weights(self.joined(self.logs))

    def penalty(self, present: Tensor | None = None) -> Tensor:
        """Half the sum of the log variances of the present tasks."""
        return self.total(present) / 2.0
