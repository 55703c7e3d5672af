"""FAMO: weights that let all losses fall at the same relative rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor
from keras_mtl.weightings.adam import Adam
from keras_mtl.weightings.base import Weighting


def famo_weights(
    logits: Tensor,
    losses: Tensor,
    present: Tensor | None = None,
    lowest: Tensor | float = 0.0,
) -> Tensor:
    """Weights of the combined logarithmic losses, summing to 1.

    Args:
        logits: Float tensor, shape `(num_tasks,)`.
        losses: Float tensor, shape `(num_tasks,)`.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        lowest: Lowest possible losses.

    Returns:
        Float tensor, shape `(num_tasks,)`: `z / (loss - lowest)`, normalised,
        with `z` the softmax of the logits. Losses that are not above the
        lowest are left out.

    Reference:
        [Liu et al., 2023](https://arxiv.org/abs/2306.03792)
    """
    gap = ops.convert_to_tensor(losses) - lowest
    mask = all_present(present, gap.shape[0])
    left_out = ops.logical_or(ops.logical_not(mask), gap <= 0.0)
    safe = ops.where(left_out, ops.ones_like(gap), gap)
    # In logarithms, as the quotient of a softmax and a loss may overflow.
    score = ops.where(left_out, -float("inf"), logits - ops.log(safe))
    top = ops.max(score)
    top = ops.where(ops.equal(top, -float("inf")), ops.zeros_like(top), top)
    positive = ops.exp(score - top)
    return ops.divide_no_nan(positive, ops.sum(positive))


@keras.saving.register_keras_serializable(package="keras_mtl")
class FAMO(Weighting):
    """Fast adaptive multitask optimisation, at the cost of no extra backward.

    Args:
        learning_rate: Of the logits, positive.
        weight_decay: Pull of the logits to 0, at least 0.
        lowest: Lowest possible losses: a number, or by task.
        batch: What shows how much each loss fell: the `"same"` batch after
            the step, at the cost of a forward pass (as published), or the
            `"next"` one, which has the same mean and more noise.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = "Liu et al., 2023, https://arxiv.org/abs/2306.03792"

    def __init__(
        self,
        learning_rate: float = 0.025,
        weight_decay: float = 1e-3,
        lowest: float | Mapping[str, float] = 0.0,
        batch: Literal["same", "next"] = "same",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if batch not in ("same", "next"):
            raise ValueError(
                "`batch` must be 'same' (evaluated again after the step) or "
                f"'next'. Received: batch={batch!r}."
            )
        if learning_rate <= 0.0 or weight_decay < 0.0:
            raise ValueError(
                "`learning_rate` must be positive and `weight_decay` at least "
                f"0. Received: learning_rate={learning_rate!r}, weight_decay="
                f"{weight_decay!r}."
            )
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.lowest = dict(lowest) if isinstance(lowest, Mapping) else lowest
        self.batch = batch

    @property
    def reads_losses_after(self) -> bool:
        """True if the same batch is evaluated again."""
        return self.batch == "same"

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the logits, their optimizer's state and the last losses."""
        super().build_state(tasks)
        self.floor = self.per_task("lowest", self.lowest, 0.0)
        self.logits = self.add_state("logits")
        if self.batch == "next":
            # Gaps to the lowest losses; 0 where there is none yet.
            self.last = self.add_state("last")
        self.adam = Adam(self, self.learning_rate)

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Weights summing to 1. See `famo_weights`."""
        logits = ops.convert_to_tensor(self.logits)
        losses = ops.cast(losses, logits.dtype)
        return famo_weights(logits, losses, present, self._floor())

    def update(
        self,
        losses: Tensor,
        present: Tensor | None = None,
        gram: Tensor | None = None,
    ) -> None:
        """Moves the logits by how much each loss fell since last time."""
        if self.batch == "same":
            return
        last = ops.convert_to_tensor(self.last)
        gap = ops.cast(losses, last.dtype) - self._floor()
        mask = ops.logical_and(self.usable(losses, present), gap > 0.0)
        self._move(last, gap, mask)
        self.last.assign(ops.where(mask, gap, last))

    def update_after(
        self, losses: Tensor, after: Tensor, present: Tensor | None = None
    ) -> None:
        """Moves the logits by how much each loss fell in the step."""
        before = ops.cast(losses, self.dtype) - self._floor()
        gap = ops.cast(after, self.dtype) - self._floor()
        usable = ops.logical_and(
            self.usable(losses, present), self.usable(after, present)
        )
        self._move(before, gap, ops.logical_and(usable, gap > 0.0))

    def _move(self, before: Tensor, gap: Tensor, mask: Tensor) -> None:
        """One step of the logits; gaps are losses above the lowest ones."""
        logits = ops.convert_to_tensor(self.logits)
        both = ops.logical_and(mask, before > 0.0)
        ones = ops.ones_like(gap)
        fell = ops.log(ops.where(both, before, ones))
        fell = fell - ops.log(ops.where(both, gap, ones))
        share = ops.where(both, ops.exp(logits - ops.max(logits)), 0.0)
        share = ops.divide_no_nan(share, ops.sum(share))
        slope = share * (fell - ops.sum(share * fell))
        slope = slope + self.weight_decay * logits
        self.logits.assign(logits + self.adam.change(slope, both))

    def _floor(self) -> Tensor:
        return ops.convert_to_tensor(list(self.floor), self.logits.dtype)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "learning_rate": self.learning_rate,
            "weight_decay": self.weight_decay,
            "lowest": self.lowest,
            "batch": self.batch,
        }
