"""The loss of surface normals."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.losses.valid_loss import ValidLoss
from keras_mtl.typing import Tensor

# Below this squared length a vector has no direction, and no gradient.
_TINY = 1e-12


@keras.saving.register_keras_serializable(package="keras_mtl")
class CosineDistance(ValidLoss):
    """One minus the mean cosine over the vectors that are not missing.

    For surface normals: the zero vector (or NaN) is missing. Outputs need not
    have unit length.

    Args:
        reduction: As in `keras.losses.Loss`.
        name: Name of the loss.
        dtype: Dtype of the computation.

    Labels and outputs: shape `(batch, ..., channels)`. The loss is in [0, 2].

    Example:
    >>> import numpy as np
    >>> up, none = [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]
    >>> normals = np.array([[[up, none]]])
    >>> outputs = np.array([[[[0.0, 5.0, 0.0], up]]])
    >>> float(CosineDistance()(normals, outputs))
    1.0
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "cosine_distance",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def valid(self, y_true: Tensor) -> Tensor:
        """Where the vector is not zero, shape `(batch, ...)`."""
        y_true = ops.convert_to_tensor(y_true)
        return ops.sum(ops.square(y_true), axis=-1) > _TINY

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """1 - cosine, shape `(batch, ...)`."""
        return 1.0 - ops.sum(_unit(y_true) * _unit(y_pred), axis=-1)


def _unit(vectors: Tensor) -> Tensor:
    """Vectors of length 1; those without a direction stay near zero."""
    squared = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    return vectors * ops.rsqrt(ops.maximum(squared, _TINY))
