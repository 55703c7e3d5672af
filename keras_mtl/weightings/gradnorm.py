"""GradNorm: weights that make all tasks learn at the same rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor
from keras_mtl.weightings.adam import Adam
from keras_mtl.weightings.base import Weighting, share_out

# Weights stay above this before they are made to sum to the number of tasks.
SMALLEST = 1e-3


def gradnorm_slope(
    weights: Tensor,
    norms: Tensor,
    progress: Tensor,
    present: Tensor | None = None,
    alpha: float = 1.5,
) -> Tensor:
    """Gradient of GradNorm's loss with respect to the weights.

    The loss is `sum |w_i n_i - mean(w n) * r_i ** alpha|`, where `r_i` is the
    relative inverse training rate and the second term counts as constant.

    Args:
        weights: Float tensor, shape `(num_tasks,)`.
        norms: Float tensor, shape `(num_tasks,)`: lengths of the unweighted
            gradients.
        progress: Float tensor, shape `(num_tasks,)`: losses relative to the
            first ones.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        alpha: Strength of the pull to a common rate.

    Returns:
        Float tensor, shape `(num_tasks,)`: zero for absent tasks.

    Reference:
        [Chen et al., 2018](https://arxiv.org/abs/1711.02257)
    """
    norms = ops.convert_to_tensor(norms)
    mask = ops.cast(all_present(present, norms.shape[0]), norms.dtype)
    count = ops.maximum(ops.sum(mask), 1.0)
    rate = ops.divide_no_nan(progress, ops.sum(progress * mask) / count)
    mean = ops.sum(weights * norms * mask) / count
    target = mean * ops.maximum(rate, 0.0) ** alpha
    return ops.sign(weights * norms - target) * norms * mask


@keras.saving.register_keras_serializable(package="keras_mtl")
class GradNorm(Weighting):
    """Learns weights that balance gradient lengths by learning progress.

    The weights have an optimizer of their own (Adam), start at 1, stay
    positive and sum to the number of tasks. First losses are kept for the
    whole run.

    Args:
        alpha: Strength of the pull to a common training rate, at least 0.
        learning_rate: Of the weights, positive.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If an option is out of range.
    """

    reads_gram: ClassVar[bool] = True
    paper: ClassVar[str] = "Chen et al., 2018, https://arxiv.org/abs/1711.02257"

    def __init__(
        self, alpha: float = 1.5, learning_rate: float = 0.025, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if alpha < 0.0 or learning_rate <= 0.0:
            raise ValueError(
                "`alpha` must be at least 0 and `learning_rate` positive. "
                f"Received: alpha={alpha!r}, learning_rate={learning_rate!r}."
            )
        self.alpha = alpha
        self.learning_rate = learning_rate

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the weights, their optimizer's state and the first losses."""
        super().build_state(tasks)
        self.values = self.add_state("values", "ones")
        self.first = self.add_state("first")
        self.adam = Adam(self, self.learning_rate)

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """The learned weights, summing to the number of present tasks."""
        values = ops.convert_to_tensor(self.values)
        return share_out(values, all_present(present, values.shape[0]))

    def update(
        self,
        losses: Tensor,
        present: Tensor | None = None,
        gram: Tensor | None = None,
    ) -> None:
        """One step of the weights. See `gradnorm_slope`.

        Raises:
            ValueError: If there is no Gram matrix.
        """
        if gram is None:
            raise ValueError(
                "GradNorm needs the lengths of the task gradients. Received: "
                "gram=None. Use it in a scheme whose step sees several tasks."
            )
        first = ops.convert_to_tensor(self.first)
        values = ops.convert_to_tensor(self.values)
        losses = ops.cast(losses, first.dtype)
        squares = ops.cast(ops.diagonal(gram), first.dtype)
        mask = self.usable(losses, present)
        usable = ops.where(all_present(present, first.shape[0]), squares, 0.0)
        mask = ops.logical_and(mask, ops.all(ops.isfinite(usable)))
        new = ops.logical_and(mask, first == 0.0)
        first = ops.where(new, losses, first)
        self.first.assign(first)
        progress = ops.divide_no_nan(ops.where(mask, losses, 0.0), first)
        norms = ops.sqrt(ops.where(mask, ops.maximum(squares, 0.0), 0.0))
        slope = gradnorm_slope(values, norms, progress, mask, self.alpha)
        moved = ops.maximum(values + self.adam.change(slope, mask), SMALLEST)
        # The present tasks share what they had.
        had = ops.sum(ops.where(mask, values, 0.0))
        now = ops.sum(ops.where(mask, moved, 0.0))
        moved = moved * ops.divide_no_nan(had, now)
        self.values.assign(ops.where(mask, moved, values))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "alpha": self.alpha,
            "learning_rate": self.learning_rate,
        }
