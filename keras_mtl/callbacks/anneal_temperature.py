"""Makes the choices of branches firmer, epoch by epoch."""

from __future__ import annotations

from typing import Any

import keras

from keras_mtl.layers import BranchSelection
from keras_mtl.typing import Logs


class AnnealTemperature(keras.callbacks.Callback):
    """Lowers the temperature of every `BranchSelection`, and logs it.

    Geometrically, from the temperature that the layers were made with down to
    `final`. Logs `temperature` (dimensionless).

    Args:
        epochs: Epochs that it takes, 1 or more. Later the temperature stays.
        final: Temperature at the end, above 0.

    Raises:
        ValueError: If an argument is out of its range, or the model has no
            such layer.
    """

    def __init__(self, epochs: int, final: float = 0.1) -> None:
        super().__init__()
        if epochs < 1 or final <= 0:
            raise ValueError(
                "`epochs` must be 1 or more and `final` above 0. Received: "
                f"epochs={epochs!r}, final={final!r}."
            )
        self.epochs = epochs
        self.final = final
        self._layers: list[BranchSelection] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Finds the layers."""
        self._layers = _selections(self.model)
        if not self._layers:
            raise ValueError(
                "`AnnealTemperature` needs a model with `BranchSelection` "
                "layers, such as `learning_to_branch`. Received: "
                f"{self.model.name!r}, which has none. Leave the callback out."
            )

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Sets the temperature of an epoch, counted from 0."""
        share = min(1.0, epoch / max(1, self.epochs - 1))
        for layer in self._layers:
            start = layer.initial_temperature
            layer.temperature.assign(start * (self.final / start) ** share)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Adds the temperature to the logs."""
        if logs is not None:
            logs["temperature"] = float(self._layers[0].temperature)


def _selections(model: Any) -> list[BranchSelection]:
    """The layers, once each, nested ones included."""
    found: dict[int, BranchSelection] = {}
    waiting = [model, *getattr(model, "layers", ())]
    while waiting:
        layer = waiting.pop(0)
        if isinstance(layer, BranchSelection):
            found[id(layer)] = layer
        if layer is not model:
            waiting += getattr(layer, "layers", ())
    return list(found.values())
