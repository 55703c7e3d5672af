"""Median angle between surface normals."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.metrics.angles import angles
from keras_mtl.metrics.data_set_metric import DataSetMetric, weights_like
from keras_mtl.typing import Tensor

# Bins of a hundredth of a degree.
_BINS = 18_000


@keras.saving.register_keras_serializable(package="keras_mtl")
class MedianAngle(DataSetMetric):
    """Median angle, in degrees, over all pixels that have a normal.

    Of the whole data set, not a mean of medians: angles are counted in bins
    of 0.01 degrees, and the value is the middle of the bin that holds the
    median, right to 0.005 degrees. NaN as long as there is no label.

    Labels and outputs have shape `(batch, ..., 3)`. Outputs need not have
    unit length; the zero label is missing.

    Args:
        name: Name in the logs.
        dtype: Dtype in which elements are computed.
    """

    label = "median_angle"
    higher_is_better = False

    def __init__(self, name: str | None = None, dtype: Any = "float32") -> None:
        super().__init__(name=name, dtype=dtype)
        self.counts = self.accumulator((_BINS,), "counts")

    def update_state(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
    ) -> None:
        """Adds a batch.

        Args:
            y_true: Labels, shape `(batch, ..., 3)`.
            y_pred: Outputs, of the same shape.
            sample_weight: Float tensor of the leading axes of the labels, 0
                where there is none; or `None`.
        """
        y_true = ops.cast(y_true, self.dtype)
        found, valid = angles(y_true, ops.cast(y_pred, self.dtype))
        weight = weights_like(sample_weight, found, "float64")
        weight = ops.where(valid, weight, 0.0)
        # Where there is no weight the angle may be NaN.
        found = ops.where(weight > 0, found, 0.0)
        bins = ops.cast(ops.floor(found * (_BINS / 180)), "int32")
        self.counts.assign_add(
            ops.segment_sum(
                ops.reshape(weight, (-1,)),
                ops.reshape(ops.clip(bins, 0, _BINS - 1), (-1,)),
                _BINS,
            )
        )

    def result(self) -> Tensor:
        """The median, float64 scalar."""
        summed = ops.cumsum(self.counts)
        half = summed[-1] / 2
        below = ops.sum(ops.cast(summed < half, "float64"))
        middle = (below + 0.5) * (180 / _BINS)
        return ops.where(half > 0, middle, float("nan"))
