"""Tells a weighting that an epoch is over."""

from __future__ import annotations

from typing import Any

import keras

from keras_mtl.typing import Logs
from keras_mtl.weightings.base import Weighting


class WeightingEpochEnd(keras.callbacks.Callback):
    """Calls `weighting.on_epoch_end`; trainers add it by themselves.

    Args:
        weighting: The trainer's weighting.
    """

    def __init__(self, weighting: Weighting) -> None:
        super().__init__()
        self.weighting = weighting

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Hands the epoch's losses and metrics to the weighting."""
        self.weighting.on_epoch_end(epoch, dict(logs or {}))

    @classmethod
    def added_to(cls, callbacks: Any, weighting: Weighting) -> Any:
        """`callbacks` with this one in front.

        Args:
            callbacks: What the user gave to `fit`.
            weighting: The trainer's weighting.

        Returns:
            A list, or the user's `CallbackList` with this one inserted.
        """
        if isinstance(callbacks, keras.callbacks.CallbackList):
            known = [c for c in callbacks.callbacks if isinstance(c, cls)]
            if not known:
                callbacks.callbacks.insert(0, cls(weighting))
            return callbacks
        if callbacks is None:
            callbacks = []
        elif not isinstance(callbacks, (list, tuple)):
            callbacks = [callbacks]
        return [cls(weighting), *callbacks]
