"""A learning-rate schedule, multiplied."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class ScaledSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rates of a schedule, times a factor that may change.

    Args:
        schedule: The schedule.
        factor: The factor at the start, 0 or more.
    """

    def __init__(self, schedule: Any, factor: float = 1.0) -> None:
        self.schedule = schedule
        self.factor = keras.Variable(
            factor, dtype="float32", trainable=False, name="factor"
        )

    def __call__(self, step: Tensor) -> Tensor:
        """The learning rate of a step."""
        rate = self.schedule(step)
        return ops.multiply(rate, ops.cast(self.factor, rate.dtype))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            "schedule": keras.saving.serialize_keras_object(self.schedule),
            "factor": float(self.factor),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> ScaledSchedule:
        """Rebuilds the schedule inside."""
        schedule = keras.saving.deserialize_keras_object(
            config["schedule"], custom_objects=custom_objects
        )
        return cls(schedule, config["factor"])
