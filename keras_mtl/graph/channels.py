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

from keras_mtl.graph.places import is_elementwise

Channels = Any


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
        """What is needed; all, if the activation looks at all at once."""
        if is_elementwise(self.operation.activation):
            return need
        return np.ones(self.channels, bool)

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
        return np.tile(zeros[0], self.channels // self.inputs[0])

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
        return self.zero(given)


class Joined(Channelwise):
    """Channels of several inputs, side by side."""

    def zero(self, zeros: Sequence[Channels]) -> Channels:
        """The zeros of the inputs."""
        return np.concatenate(list(zeros))

    def need(self, need: Channels) -> list[Channels]:
        """Each input's part."""
        return np.split(need, np.cumsum(self.inputs)[:-1])

    def wants(
        self, keep: Channels, given: Sequence[Channels]
    ) -> list[Channels]:
        """Each input's part."""
        return self.need(keep)
