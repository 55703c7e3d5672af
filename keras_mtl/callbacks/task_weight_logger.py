"""Puts the weights of the tasks into the logs."""

from __future__ import annotations

import keras

from keras_mtl.typing import Logs


class TaskWeightLogger(keras.callbacks.Callback):
    """Logs `weight_<task>` (dimensionless). List it before the loggers.

    Does nothing for a model without `task_weights()`.
    """

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Adds the weights after an epoch."""
        read = getattr(self.model, "task_weights", None)
        if logs is None or read is None:
            return
        for name, weight in read().items():
            logs[f"weight_{name}"] = float(weight)
