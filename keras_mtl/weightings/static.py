"""Fixed task weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting


@keras.saving.register_keras_serializable(package="keras_mtl")
class Static(Weighting):
    """Weights that the user chose, for the whole run.

    Args:
        weights: Task name to weight; 1 for tasks left out. Not negative.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If a weight is negative or not finite, or (when the
            trainer is built) names a task that does not exist.
    """

    def __init__(
        self, weights: Mapping[str, float] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.chosen = dict(weights or {})
        for task, weight in self.chosen.items():
            if not (math.isfinite(weight) and weight >= 0.0):
                raise ValueError(
                    "`weights` must be finite and not negative. Received: "
                    f"weights[{task!r}]={weight!r}."
                )

    def build_state(self, tasks: Sequence[str]) -> None:
        """Puts the weights in the order of the tasks."""
        super().build_state(tasks)
        self.values = self.per_task("weights", self.chosen, 1.0)

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """The fixed weights, shape `(num_tasks,)`."""
        return ops.convert_to_tensor(self.values, losses.dtype)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "weights": self.chosen}
