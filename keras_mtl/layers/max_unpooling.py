"""The way back from max-pooling: every maximum to where it stood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_mtl.layers.windows import check_pool_size
from keras_mtl.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class MaxUnpooling(keras.layers.Layer):
    """Puts features where `MaxPoolingWithIndices` found maxima, zero elsewhere.

    Args:
        pool_size: Height and width of a window, as in the pooling, 2 to 11.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `pool_size` is out of its range.

    Input: a list of two tensors of shape `(batch, height, width, channels)`:
    features, float, and the indices of the pooling.
    Output shape: `(batch, height * pool_size, width * pool_size, channels)`.

    Reference:
        [Badrinarayanan et al., 2017](https://arxiv.org/abs/1511.00561)
    """

    def __init__(self, pool_size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pool_size = check_pool_size(pool_size)

    def build(self, input_shape: Sequence[Shape]) -> None:
        """Checks that there are features and indices of one shape."""
        shapes = [tuple(shape) for shape in input_shape]
        if len(shapes) != 2 or shapes[0][1:] != shapes[1][1:]:
            raise ValueError(
                f"Layer {self.name!r} needs a list of features and the "
                "indices of `MaxPoolingWithIndices`, of one shape. Received: "
                f"shapes {shapes}."
            )

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Spreads the features."""
        features, indices = inputs
        batch, height, width, channels = ops.shape(features)
        size = self.pool_size
        cells = [
            features * ops.cast(ops.equal(indices, place), features.dtype)
            for place in range(size**2)
        ]
        rows = [
            ops.stack(cells[start : start + size], axis=3)
            for start in range(0, size**2, size)
        ]
        shape = (batch, height * size, width * size, channels)
        return ops.reshape(ops.stack(rows, axis=2), shape)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Height and width times the size of a window."""
        batch, height, width, channels = input_shape[0]
        height, width = (
            None if size is None else size * self.pool_size
            for size in (height, width)
        )
        return (batch, height, width, channels)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "pool_size": self.pool_size}
