"""PBI: close to the ideal point, along a preferred ray."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor
from keras_mtl.weightings.preference import PreferenceWeighting

# Distance that counts as none, relative to the length.
ON_RAY = 1e-6


def pbi_weights(
    losses: Tensor,
    preference: Tensor,
    present: Tensor | None = None,
    theta: float = 5.0,
) -> Tensor:
    """Gradient of the penalty-based boundary intersection.

    The scalarisation is `d_1 + theta * d_2`: the length of the losses along
    the ray, and their distance from it.

    Args:
        losses: Float tensor, shape `(num_tasks,)`.
        preference: Non-negative float tensor, shape `(num_tasks,)`: the ray.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        theta: Penalty of the distance, at least 0.

    Returns:
        Float tensor, shape `(num_tasks,)`: may be negative.

    Reference:
        [Zhang & Li, 2007](https://doi.org/10.1109/TEVC.2007.892759)
    """
    losses = ops.convert_to_tensor(losses)
    mask = all_present(present, losses.shape[0])
    losses = ops.where(mask, losses, ops.zeros_like(losses))
    ray = ops.where(mask, preference, ops.zeros_like(losses))
    ray = ops.divide_no_nan(ray, ops.sqrt(ops.sum(ray**2)))
    along = ops.sum(losses * ray)
    across = losses - along * ray
    distance = ops.sqrt(ops.sum(across**2))
    # On the ray, up to rounding, nothing pulls sideways.
    distance = ops.where(distance > ON_RAY * ops.abs(along), distance, 0.0)
    away = ops.divide_no_nan(across, distance)
    return ops.sign(along) * ray + theta * away


@keras.saving.register_keras_serializable(package="keras_mtl")
class PBI(PreferenceWeighting):
    """Penalty-based boundary intersection with the ideal point at 0.

    Args:
        preference: Direction of the wanted losses: a number, or by task.
            Equal numbers ask for equal losses. Positive.
        theta: Penalty of the distance from the ray, at least 0.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = (
        "Zhang & Li, 2007, https://doi.org/10.1109/TEVC.2007.892759"
    )

    def __init__(
        self,
        preference: float | Mapping[str, float] = 1.0,
        theta: float = 5.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(preference, **kwargs)
        if theta < 0.0:
            raise ValueError(
                f"`theta` must be at least 0. Received: theta={theta!r}."
            )
        self.theta = theta

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Gradient of the scalarisation. See `pbi_weights`."""
        losses = ops.cast(losses, self.dtype)
        return pbi_weights(losses, self.ray, present, self.theta)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "theta": self.theta}
