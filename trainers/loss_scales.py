"""Steps that float16 overflowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras

from keras_mtl.backend.scalar_telemetry import ScalarTelemetry
from keras_mtl.typing import Tensor

TAGS = {"skipped": "loss_scale/skipped", "scale": "loss_scale/scale"}


def loss_scale_telemetry(
    optimizers: Iterable[keras.optimizers.Optimizer],
) -> ScalarTelemetry | None:
    """Telemetry of optimizers that scale their losses.

    Args:
        optimizers: The optimizers of a trainer.

    Returns:
        Means over optimizer steps with the tags `loss_scale/skipped` (the
        share of steps that were skipped since a gradient had overflowed, in
        [0, 1]) and `loss_scale/scale`; `None` if no optimizer scales.
    """
    if not any(_scale(optimizer) is not None for optimizer in optimizers):
        return None
    return ScalarTelemetry(TAGS, name="loss_scales")


def scale_before(optimizer: keras.optimizers.Optimizer) -> Tensor | None:
    """The loss scale, to be asked for before a step; `None` without one."""
    scale = _scale(optimizer)
    # A copy: Keras's `convert_to_tensor` would return the variable.
    return None if scale is None else scale.value + 0.0


def add_step(
    telemetry: ScalarTelemetry,
    optimizer: keras.optimizers.Optimizer,
    before: Tensor | None,
) -> None:
    """Adds one step of an optimizer.

    Args:
        telemetry: What `loss_scale_telemetry` made.
        optimizer: The optimizer that stepped.
        before: What `scale_before` returned.
    """
    scale = _scale(optimizer)
    if scale is None or before is None:
        return
    # It is halved where a step is skipped, and there only.
    skipped = keras.ops.cast(scale.value < before, "float32")
    telemetry.update_state({"skipped": skipped, "scale": before})


def _scale(optimizer: Any) -> keras.Variable | None:
    return getattr(optimizer, "dynamic_scale", None)
