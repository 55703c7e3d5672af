"""How many training batches a model has seen."""

from __future__ import annotations

from typing import Any


def training_step(model: Any) -> int:
    """Training batches done in the life of a model.

    Args:
        model: A trainer of this package, whose `step` counts them, or any
            compiled Keras model, whose optimizer does.

    Returns:
        A number, 0 if nothing counts yet. Reading it waits for the device.
    """
    counter: Any = getattr(model, "step", None)
    if counter is None:
        counter = getattr(model.optimizer, "iterations", 0)
    return int(counter)
