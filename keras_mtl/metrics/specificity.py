"""Specificity, the true negative rate."""

from __future__ import annotations

import keras

from keras_mtl.metrics.outcomes import Outcomes
from keras_mtl.metrics.ratio_metric import RatioMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class Specificity(RatioMetric):
    """The share of the negatives that is taken for negative.

    At a probability of 0.5. An output without negatives is left out of the
    mean over the outputs; without any, the value is NaN.

    See `RatioMetric` for the arguments, labels and outputs.
    """

    label = "specificity"

    def ratio(self, found: Outcomes) -> tuple[Tensor, Tensor]:
        """True negatives, and all negatives."""
        negatives = found.total - found.labelled
        return negatives - (found.predicted - found.hits), negatives
