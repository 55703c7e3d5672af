"""Absolute error of depth."""

from __future__ import annotations

import keras
from keras import ops

from keras_mtl.metrics.mean_metric import MeanMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class AbsoluteError(MeanMetric):
    """Absolute error of depth, over all pixels that have one.

    In the unit of the labels. Pixels whose label is not positive are missing.
    Labels and outputs have shape `(batch, ..., 1)`.

    Args:
        name: Name in the logs.
        dtype: Dtype in which elements are computed.
    """

    label = "absolute_error"
    higher_is_better = False

    def values(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """Errors, and where there is a label."""
        errors = ops.abs(y_true - y_pred)
        valid = ops.all(y_true > 0, axis=-1)
        return ops.mean(errors, axis=-1), valid
