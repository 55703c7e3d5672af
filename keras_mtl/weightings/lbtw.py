"""LBTW: weights follow the losses relative to their start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import keras
from keras import ops

from keras_mtl.typing import Logs, Tensor
from keras_mtl.weightings.base import Weighting


def lbtw_weights(losses: Tensor, first: Tensor, alpha: float = 0.5) -> Tensor:
    """Weights `(loss / first loss) ** alpha`.

    Args:
        losses: Float tensor, shape `(num_tasks,)`.
        first: Float tensor, shape `(num_tasks,)`: first losses; 0 where there
            is none yet, which gives weight 1.
        alpha: Exponent, at least 0; 0 gives equal weights.

    Returns:
        Float tensor, shape `(num_tasks,)`.

    Reference:
        [Liu et al., 2019](https://doi.org/10.1609/aaai.v33i01.33019977)
    """
    losses = ops.convert_to_tensor(losses)
    ratio = ops.maximum(ops.divide_no_nan(losses, first), 0.0)
    return ops.where(first > 0.0, ratio**alpha, ops.ones_like(losses))


@keras.saving.register_keras_serializable(package="keras_mtl")
class LBTW(Weighting):
    """Loss-balanced task weighting: what has been learned weighs less.

    Args:
        alpha: Exponent, at least 0.
        reference: Losses are relative to the first batch of the `"epoch"`
            (as published) or of the `"run"`.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = (
        "Liu et al., 2019, https://doi.org/10.1609/aaai.v33i01.33019977"
    )

    def __init__(
        self,
        alpha: float = 0.5,
        reference: Literal["epoch", "run"] = "epoch",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if alpha < 0.0:
            raise ValueError(
                f"`alpha` must be at least 0. Received: alpha={alpha!r}."
            )
        if reference not in ("epoch", "run"):
            raise ValueError(
                "`reference` must be 'epoch' or 'run'. Received: "
                f"reference={reference!r}."
            )
        self.alpha = alpha
        self.reference = reference

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the first losses."""
        super().build_state(tasks)
        self.first = self.add_state("first")

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Weights by the progress. See `lbtw_weights`."""
        losses = ops.cast(losses, self.first.dtype)
        return lbtw_weights(
            losses, ops.convert_to_tensor(self.first), self.alpha
        )

    def update(
        self,
        losses: Tensor,
        present: Tensor | None = None,
        gram: Tensor | None = None,
    ) -> None:
        """Keeps the first losses."""
        first = ops.convert_to_tensor(self.first)
        new = ops.logical_and(self.usable(losses, present), first == 0.0)
        losses = ops.cast(losses, first.dtype)
        self.first.assign(ops.where(new, losses, first))

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Forgets the first losses, if they are those of the epoch."""
        if self.reference == "epoch":
            self.first.assign(ops.zeros_like(self.first))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "reference": self.reference,
        }
