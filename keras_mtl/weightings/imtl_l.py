"""IMTL-L: learned scales make all losses equally large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting


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
class IMTLL(Weighting):
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

    def __init__(
        self, init: float | Mapping[str, float] = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.init = dict(init) if isinstance(init, Mapping) else init

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the log scales."""
        super().build_state(tasks)
        values = self.per_task("init", self.init, 0.0)
        self.log_scales = self.add_trained("log_scale", values)

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """`exp(s)`. See `imtl_l_weights`."""
        return imtl_l_weights(self.joined(self.log_scales))

    def penalty(self, present: Tensor | None = None) -> Tensor:
        """Minus the sum of the log scales of the present tasks."""
        scales = self.joined(self.log_scales)
        if present is not None:
            scales = scales * ops.cast(present, scales.dtype)
        return -ops.sum(scales)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "init": self.init}
