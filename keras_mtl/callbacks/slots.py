"""Clearing what an optimizer remembers of single filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

# Axis of the filters in a variable; `None`: the last two axes, taken as one.
Axis = int | None

_NO_SLOTS = ("_trainable_variables", "_model_variables_moving_average")


def filter_variables(
    convolution: Any, normalization: Any
) -> list[tuple[keras.Variable, Axis]]:
    """The trainable variables that hold something of every single filter.

    Args:
        convolution: A convolution.
        normalization: The normalisation behind it, or `None`.

    Returns:
        Variables, each with the axis of the filters.
    """
    found: list[tuple[keras.Variable, Axis]] = [filter_kernel(convolution)]
    rest = [getattr(convolution, "bias", None)]
    rest += [getattr(normalization, name, None) for name in ("gamma", "beta")]
    found += [(v, 0) for v in rest if isinstance(v, keras.Variable)]
    return [(v, axis) for v, axis in found if v.trainable]


def filter_kernel(convolution: Any) -> tuple[keras.Variable, Axis]:
    """The kernel that makes the filters of a convolution.

    Args:
        convolution: A convolution.

    Returns:
        The kernel, and the axis of the filters.
    """
    if hasattr(convolution, "pointwise_kernel"):
        return convolution.pointwise_kernel, -1
    kernel = convolution.kernel
    transposed = (
        layers.Conv1DTranspose,
        layers.Conv2DTranspose,
        layers.Conv3DTranspose,
    )
    if isinstance(convolution, transposed):
        return kernel, -2
    depthwise = hasattr(convolution, "depth_multiplier")
    return kernel, None if depthwise else -1


def filters_first(values: Any, axis: Axis) -> Any:
    """A view of values, filter by filter.

    Args:
        values: Array.
        axis: Axis of the filters in it.

    Returns:
        Array of shape `(filters, ...)` that shares its memory.
    """
    if axis is None:
        values = values.reshape(*values.shape[:-2], -1)
        axis = -1
    return np.moveaxis(values, axis, 0)


def clear_slots(
    optimizer: Any,
    variable: keras.Variable,
    axis: Axis,
    indices: Sequence[int],
) -> None:
    """Sets an optimizer's slots of some filters to zero.

    Args:
        optimizer: A built optimizer.
        variable: A variable that it steps.
        axis: Axis of the filters.
        indices: Which filters.
    """
    for slot in _slots(optimizer, variable):
        values = slot.numpy().copy()
        filters_first(values, axis)[list(indices)] = 0
        slot.assign(values)


def _slots(
    optimizer: Any, variable: keras.Variable
) -> Iterator[keras.Variable]:
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    trained = inner._trainable_variables
    places = [i for i, v in enumerate(trained) if v is variable]
    for name, listed in vars(inner).items():
        same = isinstance(listed, list) and len(listed) == len(trained)
        if not same or name in _NO_SLOTS:
            continue
        for place in places:
            slot = listed[place]
            is_slot = isinstance(slot, keras.Variable)
            if is_slot and slot.shape == variable.shape:
                yield slot
