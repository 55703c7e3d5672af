"""Macro precision."""

from __future__ import annotations

import keras

from keras_mtl.metrics.outcomes import Outcomes
from keras_mtl.metrics.ratio_metric import RatioMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class Precision(RatioMetric):
    """Precision, averaged over attributes or classes.

    From counts over the whole data set. As in scikit-learn, an output that is
    never predicted counts as 0.

    See `RatioMetric` for the arguments, labels and outputs.
    """

    label = "precision"
    undefined = 0.0

    def ratio(self, found: Outcomes) -> tuple[Tensor, Tensor]:
        """True positives, and all that were predicted."""
        return found.hits, found.predicted
