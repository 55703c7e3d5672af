"""STCH: the smooth maximum of the losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Logs, Tensor
from keras_mtl.weightings.base import Weighting
from keras_mtl.weightings.log import log_weights


def stch_weights(
    losses: Tensor,
    reference: Tensor,
    present: Tensor | None = None,
    mu: float = 1.0,
) -> Tensor:
    """Gradient of the smooth maximum of the logarithmic relative losses.

    The scalarisation is `T * mu * logsumexp(log(loss / reference) / mu)`.

    Args:
        losses: Float tensor, shape `(num_tasks,)`.
        reference: Positive float tensor, shape `(num_tasks,)`: the losses of
            a bad solution (nadir point), over the preferences.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        mu: Smoothness, positive: small values give the maximum.

    Returns:
        Float tensor, shape `(num_tasks,)`: `T` times the softmax, over each
        loss. Losses that are not positive are left out.

    Reference:
        [Lin et al., 2024](https://arxiv.org/abs/2402.19078)
    """
    losses = ops.convert_to_tensor(losses)
    mask = all_present(present, losses.shape[0])
    count = ops.sum(ops.cast(mask, losses.dtype))
    left_out = ops.logical_or(ops.logical_not(mask), losses <= 0.0)
    safe = ops.where(left_out, ops.ones_like(losses), losses)
    score = (ops.log(safe) - ops.log(reference)) / mu
    score = ops.where(left_out, -float("inf"), score)
    top = ops.max(score)
    top = ops.where(ops.equal(top, -float("inf")), ops.zeros_like(top), top)
    positive = ops.exp(score - top)
    share = ops.divide_no_nan(positive, ops.sum(positive))
    return count * share * log_weights(losses, present)


@keras.saving.register_keras_serializable(package="keras_mtl")
class STCH(Weighting):
    """Smooth Tchebycheff scalarisation of the logarithms of the losses.

    The first `warmup_epochs` minimise the sum of the logarithms; the mean
    losses of the epoch after it are the reference of the rest, during which
    the worst task counts most.

    Args:
        mu: Smoothness, positive: small values give the maximum.
        warmup_epochs: Epochs before the reference epoch, at least 0.
        preference: How much each task matters: a number, or by task.
            Positive.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = "Lin et al., 2024, https://arxiv.org/abs/2402.19078"

    def __init__(
        self,
        mu: float = 1.0,
        warmup_epochs: int = 4,
        preference: float | Mapping[str, float] = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if mu <= 0.0 or warmup_epochs < 0:
            raise ValueError(
                "`mu` must be positive and `warmup_epochs` at least 0. "
                f"Received: mu={mu!r}, warmup_epochs={warmup_epochs!r}."
            )
        self.mu = mu
        self.warmup_epochs = warmup_epochs
        self.preference = (
            dict(preference) if isinstance(preference, Mapping) else preference
        )

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the count of epochs and the sums of the reference epoch."""
        super().build_state(tasks)
        self.preferences = self.per_task("preference", self.preference, 1.0)
        if min(self.preferences) <= 0.0:
            raise ValueError(
                "`preference` must be positive. Received: "
                f"preference={self.preference!r}."
            )
        self.epochs = self.add_weight(
            (), "zeros", dtype="int64", trainable=False, name="epochs"
        )
        self.total = self.add_state("total")
        self.count = self.add_state("count")

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Weights of the phase. See `log_weights` and `stch_weights`."""
        losses = ops.cast(losses, self.total.dtype)
        mean = ops.divide_no_nan(
            ops.convert_to_tensor(self.total), ops.convert_to_tensor(self.count)
        )
        mean = ops.where(mean > 0.0, mean, 1.0)
        reference = mean / ops.convert_to_tensor(
            list(self.preferences), mean.dtype
        )
        return ops.where(
            self.epochs > self.warmup_epochs,
            stch_weights(losses, reference, present, self.mu),
            log_weights(losses, present),
        )

    def update(
        self,
        losses: Tensor,
        present: Tensor | None = None,
        gram: Tensor | None = None,
    ) -> None:
        """Adds to the sums, in the reference epoch."""
        here = ops.equal(self.epochs, self.warmup_epochs)
        mask = ops.logical_and(self.usable(losses, present), here)
        losses = ops.cast(losses, self.total.dtype)
        self.total.assign_add(ops.where(mask, losses, 0.0))
        self.count.assign_add(ops.cast(mask, self.count.dtype))

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Counts the epoch."""
        self.epochs.assign(epoch + 1)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "mu": self.mu,
            "warmup_epochs": self.warmup_epochs,
            "preference": self.preference,
        }
