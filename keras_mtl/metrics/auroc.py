"""Area under the ROC curve."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from keras_mtl.metrics.data_set_metric import DataSetMetric, weights_like
from keras_mtl.typing import Tensor

# Logits beyond this, in inverse hyperbolic sines, tie: 11,013.
_RANGE = 10.0


@keras.saving.register_keras_serializable(package="keras_mtl")
class AUROC(DataSetMetric):
    """Area under the ROC curve, averaged over yes/no labels.

    The probability that a positive scores higher than a negative; ties count
    a half. It ranks logits in bins of equal width after an inverse hyperbolic
    sine: with 16,384 bins, scores tie that differ by less than 0.0012 (by
    0.12 % beyond 1). So the area is wrong by at most half the share of the
    pairs of a positive and a negative that are as near as that: usually in
    the fifth digit for hundreds of samples, in the seventh for thousands.
    (`auc`, that of Keras, has 200 thresholds on probabilities.)

    Labels without a positive or without a negative are left out of the mean;
    NaN if none is left.

    Args:
        num_outputs: Number of yes/no labels; `sample_weight` may have the
            shape of the labels, where some of them are missing.
        bins: Number of bins, 2 or more.
        from_logits: Whether outputs are logits; else probabilities, which
            are turned into logits.
        name: Name in the logs.
        dtype: Dtype in which elements are computed.

    Raises:
        ValueError: If a number is out of its range.

    Reference:
        [Fawcett, 2006](https://doi.org/10.1016/j.patrec.2005.10.010)
    """

    label = "auroc"

    def __init__(
        self,
        num_outputs: int,
        bins: int = 16_384,
        from_logits: bool = True,
        name: str | None = None,
        dtype: Any = "float32",
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        for option, value, least in (
            ("num_outputs", num_outputs, 1),
            ("bins", bins, 2),
        ):
            if value < least:
                raise ValueError(
                    f"`{option}` must be {least} or more. Received: "
                    f"{option}={value!r}."
                )
        self.num_outputs = num_outputs
        self.bins = bins
        self.from_logits = from_logits
        shape = (num_outputs, bins)
        self.positives = self.accumulator(shape, "positives")
        self.negatives = self.accumulator(shape, "negatives")

    def update_state(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
    ) -> None:
        """Adds a batch.

        Args:
            y_true: 0 and 1, shape `(batch, ..., num_outputs)`; the last axis
                may be left out where it is 1.
            y_pred: Outputs, shape `(batch, ..., num_outputs)`.
            sample_weight: Float tensor of the leading axes of the labels, 0
                where there is none; or `None`.
        """
        y_pred = ops.cast(y_pred, self.dtype)
        y_true = ops.convert_to_tensor(y_true)
        if len(y_true.shape) < len(y_pred.shape):
            y_true = ops.expand_dims(y_true, -1)
        weight = weights_like(sample_weight, y_pred, "float64")
        yes = ops.cast(ops.cast(y_true, "float32") > 0.5, "float64")
        places = self._places(y_pred)
        self.positives.assign_add(self._histogram(places, weight * yes))
        self.negatives.assign_add(self._histogram(places, weight * (1 - yes)))

    def _places(self, scores: Tensor) -> Tensor:
        """The bin of each score, counted through all outputs."""
        if not self.from_logits:
            scores = ops.log(scores) - ops.log1p(-scores)
        share = (ops.arcsinh(scores) / _RANGE + 1) / 2
        share = ops.where(ops.isnan(share), 0.0, ops.clip(share, 0.0, 1.0))
        bins = ops.cast(share * self.bins, "int32")
        bins = ops.minimum(bins, self.bins - 1)
        return bins + self.bins * ops.arange(self.num_outputs, dtype="int32")

    def _histogram(self, places: Tensor, weight: Tensor) -> Tensor:
        size = self.num_outputs * self.bins
        counts = ops.segment_sum(
            ops.reshape(weight, (-1,)), ops.reshape(places, (-1,)), size
        )
        return ops.reshape(counts, (self.num_outputs, self.bins))

    def per_output(self) -> Tensor:
        """The area of each label: float64, `(num_outputs,)`, or NaN."""
        positives = ops.convert_to_tensor(self.positives)
        negatives = ops.convert_to_tensor(self.negatives)
        below = ops.cumsum(negatives, axis=1) - negatives / 2
        pairs = ops.sum(positives, axis=1) * ops.sum(negatives, axis=1)
        won = ops.sum(positives * below, axis=1)
        safe = ops.where(pairs > 0, pairs, 1.0)
        return ops.where(pairs > 0, won / safe, math.nan)

    def result(self) -> Tensor:
        """The mean area over the labels that have one."""
        each = self.per_output()
        known = ops.logical_not(ops.isnan(each))
        number = ops.sum(ops.cast(known, "float64"))
        mean = ops.sum(ops.where(known, each, 0.0)) / ops.maximum(number, 1.0)
        return ops.where(number > 0, mean, math.nan)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "num_outputs": self.num_outputs,
            "bins": self.bins,
            "from_logits": self.from_logits,
        }
