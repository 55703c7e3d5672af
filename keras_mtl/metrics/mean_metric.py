"""Base of the metrics that average a value over labelled elements."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from keras import ops

from keras_mtl.metrics.data_set_metric import (
    DataSetMetric,
    total,
    weights_like,
)
from keras_mtl.typing import Tensor


class MeanMetric(DataSetMetric):
    """The mean of a value over all labelled elements of the data set.

    NaN as long as there is none.

    Args:
        name: Name in the logs; `None` takes `label`.
        dtype: Dtype in which elements are computed.
    """

    def __init__(self, name: str | None = None, dtype: Any = "float32") -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.accumulator((), "total")
        self.count = self.accumulator((), "count")

    @abstractmethod
    def values(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """The value of each element, and where there is one.

        Args:
            y_true: Labels, shape `(batch, ..., channels)`.
            y_pred: Outputs, of the same shape.

        Returns:
            A float tensor and a boolean one, both of shape `(batch, ...)`.
        """

    def update_state(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
    ) -> None:
        """Adds a batch.

        Args:
            y_true: Labels, shape `(batch, ..., channels)`.
            y_pred: Outputs, of the same shape.
            sample_weight: Float tensor of the leading axes of the labels, 0
                where there is none; or `None`.
        """
        y_true = ops.cast(y_true, self.dtype)
        y_pred = ops.cast(y_pred, self.dtype)
        values, valid = self.values(y_true, y_pred)
        weight = weights_like(sample_weight, values, self.dtype)
        weight = ops.where(valid, weight, 0.0)
        weighted = ops.where(weight > 0, values * weight, 0.0)
        self.total.assign_add(total(weighted))
        self.count.assign_add(total(weight))

    def result(self) -> Tensor:
        """The mean, float64 scalar."""
        safe = ops.where(self.count > 0, self.count, 1.0)
        return ops.where(self.count > 0, self.total / safe, float("nan"))
