"""Features of any convolutional network, by the size of a step."""

from __future__ import annotations

from typing import Any

import keras


def pyramid_of(model: Any) -> dict[int, Any]:
    """Finds the last features at every stride that is a power of two.

    Args:
        model: Functional model of one image, channels last, whose height and
            width are known.

    Returns:
        Stride in pixels, 2 or more, to the last symbolic tensor of shape
        `(batch, ceil(height / stride), ceil(width / stride), channels)` (or
        rounded down), ascending. Empty where there are no such features.
    """
    height, width = model.inputs[0].shape[1:3]
    found: dict[int, Any] = {}
    named = getattr(model, "pyramid_outputs", None)
    if named:
        return {
            2 ** int(name.removeprefix("P")): tensor
            for name, tensor in sorted(named.items())
        }
    for layer in model.layers:
        tensor = layer.output if _has_one_output(layer) else None
        if isinstance(tensor, keras.KerasTensor) and len(tensor.shape) == 4:
            stride = _stride((height, width), tensor.shape[1:3])
            if stride:
                found[stride] = tensor
    return dict(sorted(found.items()))


def _has_one_output(layer: Any) -> bool:
    try:
        return layer.output is not None
    except (AttributeError, ValueError):  # called more than once, or never
        return False


def _stride(image: tuple[int, int], size: tuple[int | None, ...]) -> int | None:
    """The power of two by which an image was divided, `None` for no such."""
    stride = 2
    while stride <= min(image):
        if all(
            have in (whole // stride, -(-whole // stride))
            for whole, have in zip(image, size, strict=True)
        ):
            return stride
        stride *= 2
    return None
