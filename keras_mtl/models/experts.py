"""Parts of the networks with experts: experts, gates, towers."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from keras import layers

from keras_mtl.models.heads import (
    check_dropout,
    check_input_shape,
    check_units,
    output_layer,
)


@dataclasses.dataclass(frozen=True)
class Experts:
    """How the experts and towers of a network look.

    Args:
        units: Units of each dense layer of an expert.
        widths: Filters of the 3x3 convolutions before them, each followed by
            a max-pooling; for images.
        head_units: Units of each hidden layer of a task's tower.
        activation: Name of the Keras activation of every hidden layer.
        dropout: Share of units dropped after every dense layer, in [0, 1).
    """

    units: Sequence[int]
    widths: Sequence[int] = ()
    head_units: Sequence[int] = ()
    activation: str = "relu"
    dropout: float = 0.0

    def checked_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """Refuses options out of range, and inputs that experts cannot read.

        Args:
            input_shape: Shape of one sample.

        Returns:
            The shape as a tuple.

        Raises:
            ValueError: If a number is out of its range.
        """
        check_units("units", self.units, least=1)
        check_units("widths", self.widths)
        check_units("head_units", self.head_units)
        check_dropout(self.dropout)
        if not self.widths:
            return check_input_shape(input_shape)
        least = 2 ** len(self.widths)
        return check_input_shape(input_shape, num_axes=3, least=least)

    def expert(self, x: Any, name: str) -> Any:
        """An expert.

        Args:
            x: Features of a sample, or an image.
            name: Start of the names of the layers.

        Returns:
            Symbolic tensor, shape `(batch, units[-1])`.
        """
        convolves = len(x.shape) == 4
        for index, width in enumerate(self.widths if convolves else (), 1):
            prefix = f"{name}_conv{index}"
            x = layers.Conv2D(
                int(width),
                3,
                padding="same",
                activation=self.activation,
                name=prefix,
            )(x)
            x = layers.MaxPooling2D(2, name=f"{prefix}_pool")(x)
        return self._dense(flat(x, name), self.units, name)

    def tower(self, x: Any, task: str, units: int) -> Any:
        """The last layers of a task.

        Args:
            x: Features, shape `(batch, channels)`.
            task: Name of the task, and start of the names of the layers.
            units: Number of output units.

        Returns:
            Symbolic tensor, shape `(batch, units)`, see `output_layer`.
        """
        return output_layer(self._dense(x, self.head_units, task), task, units)

    def _dense(self, x: Any, units: Sequence[int], name: str) -> Any:
        for index, number in enumerate(units, 1):
            prefix = f"{name}_dense{index}"
            x = layers.Dense(
                int(number), activation=self.activation, name=prefix
            )(x)
            if self.dropout:
                x = layers.Dropout(self.dropout, name=f"{prefix}_dropout")(x)
        return x


def flat(x: Any, name: str) -> Any:
    """Features as a vector.

    Args:
        x: Symbolic tensor, shape `(batch, ...)`.
        name: Start of the name of the layer.

    Returns:
        Symbolic tensor, shape `(batch, features)`.
    """
    if len(x.shape) == 2:
        return x
    return layers.Flatten(name=f"{name}_flatten")(x)


def softmax_gate(x: Any, num_experts: int, name: str) -> Any:
    """Positive weights of experts that sum to 1.

    Args:
        x: Features, shape `(batch, ...)`.
        num_experts: Number of experts.
        name: Name of the layer.

    Returns:
        Symbolic tensor, shape `(batch, num_experts)`.
    """
    return layers.Dense(
        num_experts, activation="softmax", use_bias=False, name=name
    )(flat(x, name))
