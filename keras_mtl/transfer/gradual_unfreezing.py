"""Starts the training of parts of a network epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from keras_mtl.transfer.layerwise_optimizer import LayerwiseOptimizer
from keras_mtl.typing import Logs


class GradualUnfreezing(keras.callbacks.Callback):
    """Tells every `LayerwiseOptimizer` which epoch it is.

    A part that waits has a learning rate of 0: its weights stay, weight decay
    included; its batch normalisations still follow the batches, and the
    averages of its optimizer the gradients. Works with any trainer, and when
    a run is resumed.

    Raises:
        ValueError: When training begins, if there is no such optimizer.
    """

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Looks for the optimizers."""
        if not list(layerwise_optimizers(self.model.optimizer)):
            raise ValueError(
                "`GradualUnfreezing` needs a model that was compiled with a "
                "`LayerwiseOptimizer`. Received: "
                f"{type(self.model.optimizer).__name__}. Wrap it: "
                "`LayerwiseOptimizer(optimizer, parts)`."
            )

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Sets the learning rates of an epoch, counted from 0."""
        for optimizer in layerwise_optimizers(self.model.optimizer):
            optimizer.set_epoch(epoch)


def layerwise_optimizers(optimizer: Any) -> Iterator[LayerwiseOptimizer]:
    """The optimizers with parts in an optimizer.

    Args:
        optimizer: Any optimizer; those that are made of others, as
            `LossScaleOptimizer` and the one of `Independent`, are opened.
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    if isinstance(inner, LayerwiseOptimizer):
        yield inner
        return
    members = getattr(inner, "members", {})
    for member in members.values():
        yield from layerwise_optimizers(member)
