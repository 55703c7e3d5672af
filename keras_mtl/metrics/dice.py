"""The Dice coefficient of each image."""

from __future__ import annotations

import keras
from keras import ops

from keras_mtl.metrics.outcomes import Outcomes
from keras_mtl.metrics.ratio_metric import RatioMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class Dice(RatioMetric):
    """Dice coefficient of each image, averaged over images, then maps.

    Twice the overlap over the sum of both areas; 1 where neither the label
    nor the prediction has a pixel. An image without any labelled pixel is
    left out. (Over the data set as a whole it is `F1Score`.)

    See `RatioMetric` for the arguments, labels and outputs.

    Reference:
        [Orlando et al., 2020](https://arxiv.org/abs/1910.03667), section 3.
    """

    label = "dice"

    def ratio(self, found: Outcomes) -> tuple[Tensor, Tensor]:
        """The coefficient, and whether the image has labels."""
        areas = found.labelled + found.predicted
        dice = ops.divide_no_nan(2 * found.hits, areas)
        has_labels = ops.cast(found.total > 0, "float64")
        return ops.where(areas > 0, dice, has_labels), has_labels
