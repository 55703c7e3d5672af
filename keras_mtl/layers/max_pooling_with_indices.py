"""Max-pooling that remembers where each maximum stood."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.layers.windows import check_pool_size, windows
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class MaxPoolingWithIndices(keras.layers.Layer):
    """Maximum of each window, and its place, for `MaxUnpooling`.

    Windows do not overlap. Rows and columns that fill no window are left
    out, as in PyTorch.

    Args:
        pool_size: Height and width of a window, and the step, 2 to 11.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `pool_size` is out of its range.

    Input shape: `(batch, height, width, channels)`, float.
    Output: a list of two tensors of shape `(batch, height // pool_size,
    width // pool_size, channels)`: the maxima, and int8 indices of the
    first maximum within its window, row by row, in [0, pool_size^2).

    Reference:
        [Badrinarayanan et al., 2017](https://arxiv.org/abs/1511.00561)
    """

    def __init__(self, pool_size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pool_size = check_pool_size(pool_size)

    def call(self, inputs: Tensor) -> list[Tensor]:
        """Pools; gradients reach the maxima alone."""
        size = self.pool_size
        # The backend's own pooling: one of the fastest operations it has.
        pooled = ops.max_pool(
            inputs, size, size, padding="valid", data_format="channels_last"
        )
        cells = windows(ops.stop_gradient(inputs), size)
        # Places passed before the first maximum, counted from the end: whole
        # tensors at a time, where a reduction over windows crawls.
        indices = ops.zeros_like(cells[0], dtype="int8")
        for cell in reversed(cells[:-1]):
            passed = ops.cast(ops.not_equal(cell, pooled), "int8")
            indices = passed * (indices + 1)
        return [pooled, indices]

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "pool_size": self.pool_size}
