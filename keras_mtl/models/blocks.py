"""Convolutions with the numerics of the published PyTorch networks."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

# PyTorch's defaults: epsilon 1e-5, and a momentum of 0.1 counted the other
# way round.
_NORM = {"epsilon": 1e-5, "momentum": 0.9}


def norm_relu(x: Any, name: str, relu: bool = True) -> Any:
    """Batch normalisation over the last axis, then ReLU.

    Args:
        x: Symbolic tensor, shape `(batch, ..., channels)`.
        name: Start of the names of the layers.
        relu: Whether ReLU follows.

    Returns:
        Symbolic tensor of the same shape.
    """
    x = layers.BatchNormalization(name=f"{name}_norm", **_NORM)(x)
    return layers.ReLU(name=f"{name}_relu")(x) if relu else x


def conv(
    x: Any,
    filters: int,
    kernel_size: int,
    name: str,
    strides: int = 1,
    use_bias: bool = False,
) -> Any:
    """Convolution, zero padded on all sides alike.

    Keras's `padding="same"` pads a strided convolution on the far sides
    only; PyTorch pads both, and so does this.

    Args:
        x: Symbolic tensor, shape `(batch, height, width, channels)`.
        filters: Number of output channels.
        kernel_size: Height and width of the kernel, odd.
        name: Name of the layer.
        strides: Step in both directions.
        use_bias: Whether a bias is added.

    Returns:
        Symbolic tensor, shape `(batch, ceil(height / strides),
        ceil(width / strides), filters)`.
    """
    if strides > 1 and kernel_size > 1:
        padding = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")
        x = padding(x)
    return layers.Conv2D(
        filters,
        kernel_size,
        strides,
        padding="same" if strides == 1 else "valid",
        use_bias=use_bias,
        kernel_initializer=keras.initializers.VarianceScaling(
            2.0, mode="fan_out", distribution="untruncated_normal"
        ),
        name=name,
    )(x)


def padded(x: Any, like: Any, name: str) -> Any:
    """Zeros at the far sides, where halving dropped a row or a column.

    Args:
        x: Symbolic tensor, shape `(batch, height, width, channels)`.
        like: Symbolic tensor of the wanted height and width.
        name: Name of the layer.

    Returns:
        `x`, padded where it is smaller than `like`.
    """
    missing = [like.shape[axis] - x.shape[axis] for axis in (1, 2)]
    if not any(missing):
        return x
    padding = tuple((0, size) for size in missing)
    return layers.ZeroPadding2D(padding, name=name)(x)
