"""Sensitivity, the true positive rate."""

from __future__ import annotations

import keras

from keras_mtl.metrics.outcomes import Outcomes
from keras_mtl.metrics.ratio_metric import RatioMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class Sensitivity(RatioMetric):
    """The share of the positives that is found.

    At a probability of 0.5. An output without positives is left out of the
    mean over the outputs; without any, the value is NaN.

    See `RatioMetric` for the arguments, labels and outputs.
    """

    label = "sensitivity"

    def ratio(self, found: Outcomes) -> tuple[Tensor, Tensor]:
        """True positives, and all positives."""
        return found.hits, found.labelled
