"""Features of any convolutional network, by the size of a step."""

from __future__ import annotations

import math
from typing import Any

import keras


def pyramid_of(model: Any) -> dict[int, Any]:
    """Finds the last features at every stride that is a power of two.

    Args:
        model: Functional model of one image, channels last, whose height and
            width are known. Its output is a map, or it has
            `pyramid_outputs`, as backbones of keras-hub have.

    Returns:
        Stride in pixels, 2 or more, to symbolic tensor of shape `(batch,
        about height / stride, about width / stride, channels)`, ascending.
        Empty where there are no such features.
    """
    image = model.inputs[0].shape[1:3]
    named = getattr(model, "pyramid_outputs", None)
    if named:
        return _by_stride(list(named.values()), image)
    last = model.outputs[0]
    if len(last.shape) != 4 or _stride(last, image) < 2:
        return {}
    tensors = [layer.output for layer in model.layers if _is_map(layer)]
    found = _by_stride([*tensors, last], image)
    # What is smaller still is a channel attention of a single pixel.
    deepest = _stride(last, image)
    return {stride: x for stride, x in found.items() if stride <= deepest}


def _is_map(layer: Any) -> bool:
    """Whether a layer is called once and makes a map."""
    try:
        tensor = layer.output
    except (AttributeError, ValueError):  # called more than once, or never
        return False
    return isinstance(tensor, keras.KerasTensor) and len(tensor.shape) == 4


def _by_stride(tensors: list[Any], image: tuple[int, int]) -> dict[int, Any]:
    """The last tensor of each stride; one of the exact size goes first."""
    near: dict[int, Any] = {}
    exact: dict[int, Any] = {}
    for tensor in tensors:
        stride = _stride(tensor, image)
        if stride < 2:
            continue
        near[stride] = tensor
        if _is_exact(tensor, image, stride):
            exact[stride] = tensor
    return dict(sorted({**near, **exact}.items()))


def _stride(tensor: Any, image: tuple[int, int]) -> int:
    """The nearest power of two, 0 where height and width disagree."""
    sizes = tensor.shape[1:3]
    if None in sizes:
        return 0
    powers = {
        round(math.log2(whole / have))
        for whole, have in zip(image, sizes, strict=True)
    }
    return int(2 ** powers.pop()) if len(powers) == 1 else 0


def _is_exact(tensor: Any, image: tuple[int, int], stride: int) -> bool:
    return all(
        have in (whole // stride, -(-whole // stride))
        for whole, have in zip(image, tensor.shape[1:3], strict=True)
    )
