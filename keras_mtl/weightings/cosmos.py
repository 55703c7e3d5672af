"""COSMOS: weighted losses, and their angle to the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor
from keras_mtl.weightings.dirichlet import dirichlet
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

    With a fixed preference one run finds one compromise. The published
    method draws one for every batch (`concentration`) and feeds it to the
    network, which then serves all of them: a layer of the model may read it
    from the variable `drawn`, made by `build_state`.

    Args:
        preference: How much each task matters: a number, or by task.
            Positive; normalised to sum to 1.
        pull: Weight of the cosine between losses and preference, at least 0.
        concentration: Sum of the parameters of a Dirichlet distribution
            whose mean is the preference, divided by the number of tasks;
            published: 1.2. `None` leaves the preference as it is.
        seed: Integer seed of the draws.
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
        concentration: float | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(preference, **kwargs)
        if concentration is not None and not concentration > 0.0:
            raise ValueError(
                "`concentration` must be positive, or None for a fixed "
                f"preference. Received: concentration={concentration!r}."
            )
        if pull < 0.0:
            raise ValueError(
                f"`pull` must be at least 0. Received: pull={pull!r}."
            )
        self.pull = pull
        self.concentration = concentration
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the preference of the batch: its mean, before the first."""
        super().build_state(tasks)
        self.drawn = self.add_state("drawn", "ones")
        self.drawn.assign(self.ray / ops.sum(self.ray))

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Gradient of the scalarisation. See `cosmos_weights`."""
        losses = ops.cast(losses, self.dtype)
        ray = ops.convert_to_tensor(self.drawn)
        return cosmos_weights(losses, ray, present, self.pull)

    def update(
        self,
        losses: Tensor,
        present: Tensor | None = None,
        gram: Tensor | None = None,
    ) -> None:
        """Draws the preference of the next batch."""
        if self.concentration is None:
            return
        mean = self.ray / ops.sum(self.ray)
        alpha = self.concentration * len(self.tasks) * mean
        new = dirichlet(alpha, self.random)
        seen = ops.any(self.usable(losses, present))
        self.drawn.assign(ops.where(seen, new, self.drawn))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "pull": self.pull,
            "concentration": self.concentration,
            "seed": self.seed,
        }
