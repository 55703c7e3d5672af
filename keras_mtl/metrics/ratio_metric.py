"""Base of the metrics that are a ratio of counts for each output."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from keras import ops

from keras_mtl.metrics.data_set_metric import DataSetMetric
from keras_mtl.metrics.outcomes import Outcomes, count_outcomes
from keras_mtl.typing import Tensor


class RatioMetric(DataSetMetric):
    """The mean over classes or maps of a ratio of data-set level counts.

    Labels are class ids of shape `(batch, ...)` (the highest output is the
    class), or 0 and 1 in the shape of the outputs (each output above the
    threshold is a yes).

    Args:
        num_outputs: Number of classes, yes/no labels or maps: the length of
            the last axis of the outputs.
        from_logits: Whether yes/no outputs are logits, a yes above 0; else
            probabilities, a yes above 0.5.
        name: Name in the logs; `None` takes `label`.
        dtype: Dtype in which elements are computed.

    Raises:
        ValueError: If `num_outputs` is not positive, or the outputs have
            another number.
    """

    # What an output without anything to divide by counts as; NaN: nothing.
    undefined: ClassVar[float] = float("nan")

    def __init__(
        self,
        num_outputs: int,
        from_logits: bool = True,
        name: str | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if num_outputs < 1:
            raise ValueError(
                "`num_outputs` must be 1 or more. Received: "
                f"num_outputs={num_outputs!r}."
            )
        self.num_outputs = num_outputs
        self.from_logits = from_logits
        self.threshold = 0.0 if from_logits else 0.5
        self.numerator = self.accumulator((num_outputs,), "numerator")
        self.denominator = self.accumulator((num_outputs,), "denominator")

    @abstractmethod
    def ratio(self, found: Outcomes) -> tuple[Tensor, Tensor]:
        """Numerators and denominators.

        Args:
            found: Counts, each of shape `(images, num_outputs)`.

        Returns:
            Two float64 tensors, shape `(images, num_outputs)`; both are
            summed over the images before they are divided.
        """

    def update_state(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
    ) -> None:
        """Adds a batch.

        Args:
            y_true: Class ids, shape `(batch, ...)`; or 0 and 1, shape
                `(batch, ..., num_outputs)`.
            y_pred: Shape `(batch, ..., num_outputs)`.
            sample_weight: Float tensor of the leading axes of the labels, 0
                where there is none; or `None`.

        Raises:
            ValueError: If the outputs are not `num_outputs`.
        """
        y_true = ops.convert_to_tensor(y_true)
        y_pred = ops.cast(y_pred, self.dtype)
        if y_pred.shape[-1] != self.num_outputs:
            raise ValueError(
                f"The metric {self.name!r} has num_outputs="
                f"{self.num_outputs}: expected outputs of shape (batch, ..., "
                f"{self.num_outputs}). Received: y_pred.shape="
                f"{tuple(y_pred.shape)}."
            )
        parts = self.parts(y_true, y_pred, sample_weight)
        self.numerator.assign_add(ops.sum(parts[0], axis=0))
        self.denominator.assign_add(ops.sum(parts[1], axis=0))

    def parts(
        self, y_true: Tensor, y_pred: Tensor, weight: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Numerators and denominators of a batch, as in `ratio`."""
        return self.ratio(
            count_outcomes(y_true, y_pred, weight, self.threshold)
        )

    def per_output(self) -> Tensor:
        """The ratio of each output: float64 tensor, `(num_outputs,)`."""
        counted = self.denominator > 0
        safe = ops.where(counted, self.denominator, 1.0)
        return ops.where(counted, self.numerator / safe, self.undefined)

    def result(self) -> Tensor:
        """Their mean; outputs that are undefined (NaN) are left out."""
        each = self.per_output()
        if not np.isnan(self.undefined):
            return ops.mean(each)
        counted = ops.cast(self.denominator > 0, "float64")
        summed = ops.sum(ops.where(counted > 0, each, 0.0))
        number = ops.sum(counted)
        safe = ops.maximum(number, 1.0)
        return ops.where(number > 0, summed / safe, self.undefined)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "num_outputs": self.num_outputs,
            "from_logits": self.from_logits,
        }
