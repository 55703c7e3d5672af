"""The attention modules of MTAN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from keras import layers

from keras_mtl.models.blocks import conv, norm_relu, padded


class Block(NamedTuple):
    """A level of the shared network, as attention reads it.

    Attributes:
        name: Name of the level.
        first: Features that make the mask.
        last: Features that the mask weighs.
        pooled: The same pooled, in an encoder.
        indices: Where the maxima stood, in an encoder.
    """

    name: str
    first: Any
    last: Any
    pooled: Any
    indices: Any


class Attention:
    """Attended features of every task, level by level.

    Args:
        down: Levels of the encoder.
        up: Levels of the decoder, the deepest first; empty for none.
    """

    def __init__(self, down: Sequence[Block], up: Sequence[Block]) -> None:
        self.down = down
        self.up = up
        # What passes attended features on is common to all tasks.
        self._passed: dict[str, list[Any]] = {}

    def encoded(self, task: str) -> Any:
        """Attended features at the end of the encoder.

        Args:
            task: Name of the task; names the layers.

        Returns:
            Symbolic tensor of the shape of the pooled bottleneck.
        """
        x = None
        for index, block in enumerate(self.down):
            attended = self._attended(task, block, block.first, x)
            deeper = self.down[min(index + 1, len(self.down) - 1)]
            x = self._pass(attended, deeper.last.shape[-1], block.name)
            prefix = f"{task}_{block.name}_pool"
            x = layers.MaxPooling2D(2, name=prefix)(x)
        return x

    def decoded(self, task: str, x: Any) -> Any:
        """Attended features at the end of the decoder.

        Args:
            task: Name of the task; names the layers.
            x: What `encoded` returned.

        Returns:
            Symbolic tensor of the shape of the last features of the decoder.
        """
        for block in self.up:
            prefix = f"{task}_{block.name}_resize"
            x = layers.UpSampling2D(2, interpolation="bilinear", name=prefix)(x)
            x = padded(x, block.last, f"{prefix}_pad")
            x = self._pass(x, block.last.shape[-1], block.name)
            x = self._attended(task, block, block.first, x)
        return x

    def _attended(self, task: str, block: Block, first: Any, own: Any) -> Any:
        """The last features of a level, weighed by a task's mask."""
        prefix = f"{task}_{block.name}_attention"
        x = first
        if own is not None:
            x = layers.Concatenate(name=f"{prefix}_join")([first, own])
        width = block.last.shape[-1]
        x = conv(x, width, 1, f"{prefix}1", use_bias=True)
        x = norm_relu(x, f"{prefix}1")
        x = conv(x, width, 1, f"{prefix}2", use_bias=True)
        x = norm_relu(x, f"{prefix}2", relu=False)
        x = layers.Activation("sigmoid", name=f"{prefix}_mask")(x)
        return layers.Multiply(name=f"{prefix}_apply")([x, block.last])

    def _pass(self, x: Any, width: int, name: str) -> Any:
        """Convolution, normalisation, ReLU: the same layers for all tasks."""
        if name not in self._passed:
            prefix = f"{name}_pass"
            self._passed[name] = shared_convolution(width, prefix)
        for layer in self._passed[name]:
            x = layer(x)
        return x


def shared_convolution(width: int, name: str) -> list[Any]:
    """Layers of a 3x3 convolution, to be called more than once.

    Args:
        width: Number of filters.
        name: Start of the names of the layers.

    Returns:
        Convolution, batch normalisation, ReLU.
    """
    return [
        layers.Conv2D(width, 3, padding="same", name=name),
        layers.BatchNormalization(
            epsilon=1e-5, momentum=0.9, name=f"{name}_norm"
        ),
        layers.ReLU(name=f"{name}_relu"),
    ]
