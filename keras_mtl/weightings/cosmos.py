"""COSMOS: weighted losses, and their angle to the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting


def cosmos_weights(
    losses: Tensor,
    preference: Tensor,
    present: Tensor | None = None,
    pull: float = 1.0,
) -> Tensor:
    """Gradient of `sum(p * loss) - pull * cosine(p, losses)`.

    Args:
        losses: Float tensor, shape `(num_tasks,)`.
        preference: Non-negative float tensor, shape `(num_tasks,)`: `p`.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        pull: Weight of the cosine, at least 0.

    Returns:
        Float tensor, shape `(num_tasks,)`: may be negative.

    Reference:
        [Ruchte & Grabocka, 2021](https://arxiv.org/abs/2103.13392)
    """
    losses = ops.convert_to_tensor(losses)
    mask = all_present(present, losses.shape[0])
    losses = ops.where(mask, losses, ops.zeros_like(losses))
    ray = ops.where(mask, preference, ops.zeros_like(losses))
    ray = ops.divide_no_nan(ray, ops.sum(ray))
    unit = ops.divide_no_nan(ray, ops.sqrt(ops.sum(ray**2)))
    length = ops.sqrt(ops.sum(losses**2))
    direction = ops.divide_no_nan(losses, length)
    turn = unit - ops.sum(unit * direction) * direction
    return ray - pull * ops.divide_no_nan(turn, length)


@keras.saving.register_keras_serializable(package="keras_mtl")
class COSMOS(Weighting):
    """A weighted sum of the losses, drawn to a preferred ratio of them.

    The published method draws a preference for every batch and feeds it to
    the network; here it is fixed, so that one run finds one compromise.

    Args:
        preference: How much each task matters: a number, or by task.
            Positive; normalised to sum to 1.
        pull: Weight of the cosine between losses and preference, at least 0.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = (
        "Ruchte & Grabocka, 2021, https://arxiv.org/abs/2103.13392"
    )

    def __init__(
        self,
        preference: float | Mapping[str, float] = 1.0,
        pull: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if pull < 0.0:
            raise ValueError(
                f"`pull` must be at least 0. Received: pull={pull!r}."
            )
        self.preference = (
            dict(preference) if isinstance(preference, Mapping) else preference
        )
        self.pull = pull

    def build_state(self, tasks: Sequence[str]) -> None:
        """Puts the preferences in the order of the tasks."""
        super().build_state(tasks)
        self.ray = self.per_task("preference", self.preference, 1.0)
        if min(self.ray) <= 0.0:
            raise ValueError(
                "`preference` must be positive. Received: "
                f"preference={self.preference!r}."
            )

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Gradient of the scalarisation. See `cosmos_weights`."""
        losses = ops.cast(losses, self.dtype)
        ray = ops.convert_to_tensor(list(self.ray), self.dtype)
        return cosmos_weights(losses, ray, present, self.pull)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "preference": self.preference,
            "pull": self.pull,
        }
