"""Which channels a layer needs, leaves zero, and can do without.

A rule knows this of one call. Channels are told by boolean arrays over the
last axis: `zero`, always zero; `need`, read by someone; `keep`, present in
the smaller model. What is not kept is zero or not needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from keras_mtl.graph.places import is_zero_preserving

Channels = Any

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


class Rule:
    """An operation of which nothing is known: it needs everything.

    Args:
        operation: The operation.
        inputs: Numbers of channels of its inputs.
        channels: Number of channels of its output.
    """

    def __init__(
        self, operation: Any, inputs: Sequence[int], channels: int
    ) -> None:
        self.operation = operation
        self.inputs = list(inputs)
        self.channels = channels

    def zero(self, zeros: Sequence[Channels]) -> Channels:
        """Output channels that are zero, given those of the inputs."""
        return np.zeros(self.channels, bool)

    def need(self, need: Channels) -> list[Channels]:
        """Input channels that the needed output channels depend on."""
        return [np.ones(size, bool) for size in self.inputs]

    def wants(
        self, keep: Channels, given: Sequence[Channels]
    ) -> list[Channels]:
        """Channels that each input must have for the smaller layer.

        Args:
            keep: Output channels to keep.
            given: Channels that each input has.
        """
        return [np.ones(size, bool) for size in self.inputs]

    def kept(
        self, need: Channels, zero: Channels, given: Sequence[Channels]
    ) -> Channels:
        """Output channels of the smaller layer."""
        return np.ones(self.channels, bool)

    def smaller(self, keep: Channels, wants: Sequence[Channels]) -> Any:
        """A layer for the channels that are left; `None` keeps the layer."""
        return None

    def fill(
        self, layer: Any, keep: Channels, wants: Sequence[Channels]
    ) -> None:
        """Copies the values of the channels that are left."""


class Channelwise(Rule):
    """Output channel `c` depends on channel `c` of each input."""

    def need(self, need: Channels) -> list[Channels]:
        """The same channels."""
        return [need for _ in self.inputs]

    def wants(
        self, keep: Channels, given: Sequence[Channels]
    ) -> list[Channels]:
        """The same channels."""
        return [keep for _ in self.inputs]

    def kept(
        self, need: Channels, zero: Channels, given: Sequence[Channels]
    ) -> Channels:
        """What is needed and not zero."""
        return need & ~zero

    def smaller(self, keep: Channels, wants: Sequence[Channels]) -> Any:
        """The same layer for fewer channels."""
        return type(self.operation).from_config(self.operation.get_config())


class Preserving(Channelwise):
    """As `Channelwise`, and zero where all inputs are."""

    def zero(self, zeros: Sequence[Channels]) -> Channels:
        """Zero where every input is."""
        return np.logical_and.reduce(list(zeros))


class Product(Channelwise):
    """As `Channelwise`, and zero where any input is."""

    def zero(self, zeros: Sequence[Channels]) -> Channels:
        """Zero where some input is."""
        return np.logical_or.reduce(list(zeros))


class Mask(Product):
    """A mask with known values: nothing is left of it.

    Args:
        operation: The mask.
        inputs: Numbers of channels of its inputs.
        channels: Number of channels of its output.
        row: Boolean array: the channels it lets through.
    """

    def __init__(
        self,
        operation: Any,
        inputs: Sequence[int],
        channels: int,
        row: Channels,
    ) -> None:
        super().__init__(operation, inputs, channels)
        self.row = row

    def zero(self, zeros: Sequence[Channels]) -> Channels:
        """What is zero already, and what it hides."""
        return zeros[0] | ~self.row

    def need(self, need: Channels) -> list[Channels]:
        """What it lets through."""
        return [need & self.row]


class Normalization(Channelwise):
    """Batch normalisation, or the averages of one task.

    Args:
        operation: The layer.
        inputs: Numbers of channels of its inputs.
        channels: Number of channels of its output.
        row: Task whose averages count; `None` where there is one for all.
    """

    def __init__(
        self,
        operation: Any,
        inputs: Sequence[int],
        channels: int,
        row: int | None = None,
    ) -> None:
        super().__init__(operation, inputs, channels)
        self.row = row

    def smaller(self, keep: Channels, wants: Sequence[Channels]) -> Any:
        """A plain batch normalisation."""
        config = self.operation.get_config()
        config.pop("num_tasks", None)
        return layers.BatchNormalization.from_config(config)

    def fill(
        self, layer: Any, keep: Channels, wants: Sequence[Channels]
    ) -> None:
        """Copies scale, offset and averages."""
        for name in ("gamma", "beta", "moving_mean", "moving_variance"):
            source = getattr(self.operation, name, None)
            if not isinstance(source, keras.Variable):
                continue
            values = source.numpy()
            if values.ndim == 2:
                values = values[self.row]
            getattr(layer, name).assign(values[keep])


class Depthwise(Channelwise):
    """A convolution of each channel by itself, one filter a channel."""

    def smaller(self, keep: Channels, wants: Sequence[Channels]) -> Any:
        """The same layer for fewer channels."""
        return type(self.operation).from_config(self.operation.get_config())

    def fill(
        self, layer: Any, keep: Channels, wants: Sequence[Channels]
    ) -> None:
        """Copies the filters."""
        kernel = self.operation.kernel.numpy()
        layer.kernel.assign(kernel[..., keep, :])
        if self.operation.use_bias:
            layer.bias.assign(self.operation.bias.numpy()[keep])


class Mixing(Rule):
    """Every output channel depends on every input channel: dense layers."""

    size = "units"

    def wants(
        self, keep: Channels, given: Sequence[Channels]
    ) -> list[Channels]:
        """Whatever there is: what is left out would add nothing."""
        return list(given)

    def kept(
        self, need: Channels, zero: Channels, given: Sequence[Channels]
    ) -> Channels:
        """What is needed."""
        return need

    def smaller(self, keep: Channels, wants: Sequence[Channels]) -> Any:
        """The same layer with fewer outputs."""
        config = self.operation.get_config()
        config[self.size] = int(keep.sum())
        return type(self.operation).from_config(config)

    def fill(
        self, layer: Any, keep: Channels, wants: Sequence[Channels]
    ) -> None:
        """Copies the weights between the channels that are left."""
        self.fill_kernel(layer, wants[0], keep)
        if self.operation.use_bias:
            layer.bias.assign(self.operation.bias.numpy()[keep])

    def fill_kernel(self, layer: Any, rows: Channels, keep: Channels) -> None:
        """Copies the kernel."""
        kernel = self.operation.kernel.numpy()
        layer.kernel.assign(kernel[..., rows, :][..., keep])


class Convolution(Mixing):
    """A convolution over all channels."""

    size = "filters"


class Transposed(Convolution):
    """A transposed convolution: its kernel has the outputs before inputs."""

    def fill_kernel(self, layer: Any, rows: Channels, keep: Channels) -> None:
        """Copies the kernel."""
        kernel = self.operation.kernel.numpy()
        layer.kernel.assign(kernel[..., keep, :][..., rows])


class Separable(Convolution):
    """A depthwise convolution, then one over all channels."""

    def fill_kernel(self, layer: Any, rows: Channels, keep: Channels) -> None:
        """Copies both kernels."""
        depthwise = self.operation.depthwise_kernel.numpy()
        pointwise = self.operation.pointwise_kernel.numpy()
        each = np.repeat(rows, depthwise.shape[-1])
        layer.depthwise_kernel.assign(depthwise[..., rows, :])
        layer.pointwise_kernel.assign(pointwise[..., each, :][..., keep])


class Flattened(Channelwise):
    """Positions laid side by side: each holds all the channels."""

    def zero(self, zeros: Sequence[Channels]) -> Channels:
        """The zeros, once per position."""
        return self._repeated(zeros[0])

    def need(self, need: Channels) -> list[Channels]:
        """What is needed of any position."""
        return [need.reshape(-1, self.inputs[0]).any(axis=0)]

    def wants(
        self, keep: Channels, given: Sequence[Channels]
    ) -> list[Channels]:
        """Whatever there is."""
        return list(given)

    def kept(
        self, need: Channels, zero: Channels, given: Sequence[Channels]
    ) -> Channels:
        """What there is, once per position."""
        return self._repeated(given[0])

    def _repeated(self, channels: Channels) -> Channels:
        return np.tile(channels, self.channels // self.inputs[0])


class Joined(Channelwise):
    """Channels of several inputs, side by side."""

    def zero(self, zeros: Sequence[Channels]) -> Channels:
        """The zeros of the inputs."""
        return np.concatenate(list(zeros))

    def need(self, need: Channels) -> list[Channels]:
        """Each input's part."""
        return self._parts(need)

    def wants(
        self, keep: Channels, given: Sequence[Channels]
    ) -> list[Channels]:
        """Each input's part."""
        return self._parts(keep)

    def _parts(self, channels: Channels) -> list[Channels]:
        return np.split(channels, np.cumsum(self.inputs)[:-1])


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
        return Depthwise if operation.depth_multiplier == 1 else Rule
    return Rule


def _is_plain(operation: Any) -> bool:
    """Whether channels are last, and activations act on each by itself."""
    if getattr(operation, "data_format", None) == "channels_first":
        return False
    axis = getattr(operation, "axis", -1)
    if isinstance(operation, layers.BatchNormalization) and axis == 1:
        return False
    activation = getattr(operation, "activation", None)
    return activation is not keras.activations.softmax
