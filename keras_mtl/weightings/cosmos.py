"""COSMOS: weighted losses, and their angle to the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor
from keras_mtl.weightings.preference import PreferenceWeighting


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
class COSMOS(PreferenceWeighting):
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
        super().__init__(preference, **kwargs)
        if pull < 0.0:
            raise ValueError(
                f"`pull` must be at least 0. Received: pull={pull!r}."
            )
        self.pull = pull

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Gradient of the scalarisation. See `cosmos_weights`."""
        losses = ops.cast(losses, self.dtype)
        return cosmos_weights(losses, self.ray, present, self.pull)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "pull": self.pull}
