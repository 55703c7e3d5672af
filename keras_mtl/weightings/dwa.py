"""DWA: tasks whose loss falls slowly get more weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Logs, Tensor
from keras_mtl.weightings.base import Weighting, share_out


def dwa_weights(
    ratios: Tensor, present: Tensor | None = None, temperature: float = 2.0
) -> Tensor:
    """Softmax of the loss ratios, times the number of present tasks.

    Args:
        ratios: Float tensor, shape `(num_tasks,)`: mean loss of the last
            epoch over that of the epoch before.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        temperature: Positive; large values give equal weights.

    Returns:
        Float tensor, shape `(num_tasks,)`.

    Reference:
        [Liu et al., 2019](https://arxiv.org/abs/1803.10704)
    """
    ratios = ops.convert_to_tensor(ratios)
    scaled = ratios / temperature
    positive = ops.exp(scaled - ops.max(scaled))
    return share_out(positive, all_present(present, ratios.shape[0]))


@keras.saving.register_keras_serializable(package="keras_mtl")
class DWA(Weighting):
    """Dynamic weight average, by the epochs' mean training losses.

    Weights are 1 in the first two epochs and sum to the number of tasks.

    Args:
        temperature: Softness of the weights, positive.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If `temperature` is not positive.
    """

    paper: ClassVar[str] = "Liu et al., 2019, https://arxiv.org/abs/1803.10704"

    def __init__(self, temperature: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if temperature <= 0.0:
            raise ValueError(
                "`temperature` must be positive. Received: "
                f"temperature={temperature!r}."
            )
        self.temperature = temperature

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the sums of this epoch and the ratios of the last ones."""
        super().build_state(tasks)
        self.total = self.add_state("total")
        self.count = self.add_state("count")
        # 0 stands for an epoch that there was not.
        self.mean = self.add_state("mean")
        self.ratios = self.add_state("ratios", "ones")

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Weights of this epoch. See `dwa_weights`."""
        return dwa_weights(self.ratios, present, self.temperature)

    def update(
        self,
        losses: Tensor,
        present: Tensor | None = None,
        gram: Tensor | None = None,
    ) -> None:
        """Adds to the sums of this epoch."""
        mask = self.usable(losses, present)
        losses = ops.cast(losses, self.total.dtype)
        self.total.assign_add(ops.where(mask, losses, 0.0))
        self.count.assign_add(ops.cast(mask, self.count.dtype))

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Compares the epoch with the one before, and starts a new one."""
        count = ops.convert_to_tensor(self.count)
        before = ops.convert_to_tensor(self.mean)
        mean = ops.divide_no_nan(ops.convert_to_tensor(self.total), count)
        both = ops.logical_and(count > 0.0, before > 0.0)
        ratio = ops.divide_no_nan(mean, before)
        self.ratios.assign(ops.where(both, ratio, self.ratios))
        self.mean.assign(ops.where(count > 0.0, mean, before))
        self.total.assign(ops.zeros_like(count))
        self.count.assign(ops.zeros_like(count))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "temperature": self.temperature}
