"""Mean angle between surface normals."""

from __future__ import annotations

import keras

from keras_mtl.metrics.angles import angles
from keras_mtl.metrics.mean_metric import MeanMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class MeanAngle(MeanMetric):
    """Mean angle, in degrees, over all pixels that have a normal.

    Labels and outputs have shape `(batch, ..., 3)`. Outputs need not have
    unit length; the zero label is missing.

    Args:
        name: Name in the logs.
        dtype: Dtype in which elements are computed.
    """

    label = "mean_angle"
    higher_is_better = False

    def values(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """Angles, and where there is a label."""
        return angles(y_true, y_pred)
