"""The L1 loss of depth maps."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.losses.valid_loss import ValidLoss
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class ValidMeanAbsoluteError(ValidLoss):
    """Mean absolute error over the elements whose label is positive.

    For depth: a sensor that measured nothing writes 0. (NaN and negative
    labels count as missing too.)

    Args:
        reduction: As in `keras.losses.Loss`.
        name: Name of the loss.
        dtype: Dtype of the computation.

    Labels and outputs: shape `(batch, ..., channels)`, in any unit; the loss
    is in the same unit.

    Example:
    >>> import numpy as np
    >>> depth = np.array([[[[2.0], [0.0]]]])  # the right pixel is missing
    >>> float(ValidMeanAbsoluteError()(depth, np.array([[[[3.0], [9.0]]]])))
    1.0
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "valid_mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def valid(self, y_true: Tensor) -> Tensor:
        """Where all channels are positive, shape `(batch, ...)`."""
        return ops.all(ops.convert_to_tensor(y_true) > 0, axis=-1)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Absolute errors, averaged over the channels."""
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)
