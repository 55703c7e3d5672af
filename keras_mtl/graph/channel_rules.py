"""Which rule of `channels` holds for an operation of Keras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_mtl.graph.channels import (
    Convolution,
    Depthwise,
    Flattened,
    Joined,
    Mixing,
    Normalization,
    Preserving,
    Product,
    Rule,
    Separable,
    Transposed,
)
from keras_mtl.graph.places import is_elementwise, is_zero_preserving

_POSITIONWISE = (
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.AveragePooling3D,
    layers.Dropout,
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalAveragePooling3D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.GlobalMaxPooling3D,
    layers.MaxPooling1D,
    layers.MaxPooling2D,
    layers.MaxPooling3D,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.SpatialDropout3D,
    layers.UpSampling1D,
    layers.UpSampling2D,
    layers.UpSampling3D,
    layers.ZeroPadding1D,
    layers.ZeroPadding2D,
    layers.ZeroPadding3D,
)


def rule_for(operation: Any, inputs: Sequence[Any], output: Any) -> type[Rule]:
    """How an operation treats channels.

    Args:
        operation: A Keras operation; masks and task-wise layers left out.
        inputs: Its symbolic inputs.
        output: Its symbolic output.

    Returns:
        A rule; `Rule` itself for an operation that is not known.
    """
    if not isinstance(operation, keras.layers.Layer) or not _is_plain(
        operation
    ):
        return Rule
    kind = type(operation)
    if isinstance(operation, _POSITIONWISE) or is_zero_preserving(operation):
        return Preserving
    if kind is layers.BatchNormalization:
        return Normalization
    if kind in (layers.Add, layers.Multiply):
        same = all(x.shape[1:] == output.shape[1:] for x in inputs)
        return (Preserving if kind is layers.Add else Product) if same else Rule
    if kind is layers.Concatenate:
        last = operation.axis % len(output.shape) == len(output.shape) - 1
        return Joined if last else Rule
    if kind is layers.Flatten:
        return Flattened if None not in inputs[0].shape[1:] else Rule
    return _mixing_rule(operation)


def _mixing_rule(operation: Any) -> type[Rule]:
    kind = type(operation)
    if kind is layers.Dense:
        plain = operation.lora_rank is None
        return Mixing if plain else Rule
    if getattr(operation, "groups", 1) != 1:
        return Rule
    if kind in (layers.Conv1D, layers.Conv2D, layers.Conv3D):
        return Convolution
    if kind in (
        layers.Conv1DTranspose,
        layers.Conv2DTranspose,
        layers.Conv3DTranspose,
    ):
        return Transposed
    if kind in (layers.SeparableConv1D, layers.SeparableConv2D):
        return Separable
    if kind in (layers.DepthwiseConv1D, layers.DepthwiseConv2D):
        single = operation.depth_multiplier == 1
        simple = single and is_elementwise(operation.activation)
        return Depthwise if simple else Rule
    return Rule


def _is_plain(operation: Any) -> bool:
    """Whether the channels are last."""
    if getattr(operation, "data_format", None) == "channels_first":
        return False
    is_norm = isinstance(operation, layers.BatchNormalization)
    return not (is_norm and operation.axis == 1)
