"""Means of the losses since the last look, from the running means."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops


class LossWindow:
    """Reads means of the losses over the batches since the last reading.

    The trackers add up from the start of the epoch; their state now minus
    their state at the last reading is that of the batches in between.

    Args:
        model: A compiled trainer or Keras model.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        self._before: dict[int, list[np.ndarray]] = {}

    def start(self) -> None:
        """Starts here; what the trackers hold already is left out."""
        self.read()

    def read(self) -> dict[str, float]:
        """Means since the last reading; waits for the device.

        Returns:
            `loss` and `<task>_loss` to the mean. Empty before any batch.
        """
        means: dict[str, float] = {}
        for index, metric in enumerate(self.model.metrics):
            if metric.name == "loss" or metric.name.endswith(
                ("_loss", "_losses")
            ):
                means |= self._window(index, metric)
        return means

    def _window(self, index: int, metric: Any) -> dict[str, float]:
        now = [ops.convert_to_numpy(v.value) for v in metric.variables]
        before = self._before.get(index, [np.zeros_like(v) for v in now])
        self._before[index] = now
        result = metric.stateless_result(
            [
                ops.convert_to_tensor(a - b)
                for a, b in zip(now, before, strict=True)
            ]
        )
        named = result if isinstance(result, dict) else {metric.name: result}
        return {key: float(value) for key, value in named.items()}
