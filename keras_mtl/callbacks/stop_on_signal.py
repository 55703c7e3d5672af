"""Stops training between two batches when it was interrupted."""

from __future__ import annotations

from collections.abc import Callable

import keras

from keras_mtl.typing import Logs


class StopOnSignal(keras.callbacks.Callback):
    """Raises `KeyboardInterrupt` where the state of training is whole.

    Args:
        received: Says whether to stop; `StopSignals.received` of
            `keras_mtl.runs` does. List this callback last.
    """

    def __init__(self, received: Callable[[], bool]) -> None:
        super().__init__()
        self.received = received

    def check(self) -> None:
        """Raises `KeyboardInterrupt` if it is time to stop."""
        if self.received():
            raise KeyboardInterrupt

    def on_train_batch_begin(
        self, batch: int, logs: Logs | None = None
    ) -> None:
        """Looks before a training batch."""
        self.check()

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Looks before a validation batch."""
        self.check()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Looks after an epoch."""
        self.check()
