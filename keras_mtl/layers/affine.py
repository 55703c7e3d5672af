"""How features were made of others, one factor and offset per channel.

A layer that scales what a normalisation has just scaled can scale the factor
and the offset instead, which are small, and leave the features to be dropped
from the graph. Keras does the same for the logits of a softmax.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from keras import ops

from keras_mtl.layers.task_rows import spread
from keras_mtl.typing import Tensor

_NAME = "_keras_mtl_affine"


@dataclasses.dataclass(frozen=True, eq=False)
class Affine:
    """`features * factor + offset`, channel by channel.

    Args:
        features: Float tensor, shape `(batch, ..., channels)`.
        factor: Tensor of shape `(channels,)` or `(batch, channels)`.
        offset: Tensor of the shape of `factor`.
        axis: Axis of the channels, counted from the end or the start.
    """

    features: Tensor
    factor: Tensor
    offset: Tensor
    axis: int

    def value(self) -> Tensor:
        """The result, in the dtype of `features`."""
        x = self.features
        factor = spread(self.factor, x, self.axis)
        return x * factor + spread(self.offset, x, self.axis)

    def scaled(self, row: Tensor) -> Affine:
        """The same, times one number per channel.

        Args:
            row: Tensor of shape `(channels,)` or `(batch, channels)`.
        """
        row = ops.cast(row, self.factor.dtype)
        return dataclasses.replace(
            self, factor=self.factor * row, offset=self.offset * row
        )


def remember(result: Tensor, affine: Affine) -> None:
    """Notes on a tensor of a graph how it was made.

    Args:
        result: What `affine.value()` returned, perhaps cast. An eager tensor
            has been computed already, and gets no note.
        affine: How.
    """
    if not hasattr(result, "numpy"):
        setattr(result, _NAME, affine)


def recall(features: Tensor, axis: int) -> Affine | None:
    """What is noted on a tensor, if its channels are on that axis.

    Args:
        features: Any tensor.
        axis: Axis of the channels.
    """
    affine: Affine | None = getattr(features, _NAME, None)
    if affine is None:
        return None
    rank = len(affine.features.shape)
    return affine if affine.axis % rank == axis % rank else None


def forget(result: Any) -> None:
    """Removes the note, so that gradients with respect to a tensor count.

    Args:
        result: Any tensor.
    """
    if getattr(result, _NAME, None) is not None:
        delattr(result, _NAME)
