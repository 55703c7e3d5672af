"""Macro F1."""

from __future__ import annotations

import keras

from keras_mtl.metrics.outcomes import Outcomes
from keras_mtl.metrics.ratio_metric import RatioMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class F1Score(RatioMetric):
    """F1, averaged over attributes or classes.

    The harmonic mean of precision and recall, from counts over the whole data
    set. As in scikit-learn, an output that is neither labelled nor predicted
    counts as 0.

    See `RatioMetric` for the arguments, labels and outputs.
    """

    label = "f1_score"
    undefined = 0.0

    def ratio(self, found: Outcomes) -> tuple[Tensor, Tensor]:
        """Twice the true positives, and what was labelled or predicted."""
        return 2 * found.hits, found.labelled + found.predicted
