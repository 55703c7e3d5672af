"""Uncertainty weighting: the variance of each task's noise is learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting


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
class Uncertainty(Weighting):
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

    def __init__(
        self, init: float | Mapping[str, float] = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.init = dict(init) if isinstance(init, Mapping) else init

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the log variances."""
        super().build_state(tasks)
        values = self.per_task("init", self.init, 0.0)
        self.log_variances = self.add_trained("log_variance", values)

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """`exp(-s)`. See `uncertainty_weights`."""
        return uncertainty_weights(self.joined(self.log_variances))

    def penalty(self, present: Tensor | None = None) -> Tensor:
        """Half the sum of the log variances of the present tasks."""
        halves = self.joined(self.log_variances) / 2.0
        if present is not None:
            halves = halves * ops.cast(present, halves.dtype)
        return ops.sum(halves)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "init": self.init}
