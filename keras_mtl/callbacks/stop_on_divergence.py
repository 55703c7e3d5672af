"""Stops training when a task's loss is no longer a number."""

from __future__ import annotations

import keras

from keras_mtl.errors import DivergenceError
from keras_mtl.typing import Logs


class StopOnDivergence(keras.callbacks.Callback):
    """Raises `DivergenceError` soon after a training loss became non-finite.

    Looks before some batches and before validation, since every look waits
    for the device. List it before the callbacks that save.

    Args:
        log_every: Training batches between two looks.

    Raises:
        ValueError: If `log_every` is less than 1.
    """

    def __init__(self, log_every: int = 50) -> None:
        super().__init__()
        if log_every < 1:
            raise ValueError(
                f"`log_every` must be at least 1. Received: {log_every}."
            )
        self.log_every = log_every
        self._next = log_every

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Starts counting."""
        self._next = self.log_every

    def on_train_batch_begin(
        self, batch: int, logs: Logs | None = None
    ) -> None:
        """Looks every `log_every` batches."""
        if batch >= self._next:
            self._next = batch + self.log_every
            self.check()

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Looks before validation."""
        self.check()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Looks before anything is saved."""
        self.check()

    def check(self) -> None:
        """Looks now.

        Raises:
            DivergenceError: With the task and the training batch.
        """
        find = getattr(self.model, "divergence", None)
        found = find() if find is not None else None
        if found is not None:
            raise DivergenceError(found.task, found.step)
