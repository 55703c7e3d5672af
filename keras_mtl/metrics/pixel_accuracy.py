"""The share of pixels that are right."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.metrics.data_set_metric import weights_like
from keras_mtl.metrics.outcomes import (
    Outcomes,
    are_classes,
    by_image,
    count_outcomes,
)
from keras_mtl.metrics.ratio_metric import RatioMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class PixelAccuracy(RatioMetric):
    """Correct pixels over labelled pixels of the whole data set.

    For classes, a pixel is correct if its class is. For maps, each is a
    binary segmentation, and their accuracies are averaged (so does chapter 3
    of the thesis).

    The published variant for maps is that of the thesis's chapter 4: the maps
    exclude each other. A pixel belongs to the highest map, or to the
    background where no map says yes.

    Args:
        num_outputs: Number of classes or maps.
        published: Whether maps exclude each other. The name becomes
            `published_pixel_accuracy`.
        from_logits: Whether yes/no outputs are logits, a yes above 0; else
            probabilities, a yes above 0.5.
        name: Name in the logs.
        dtype: Dtype in which elements are computed.

    Reference:
        L. Pascal, thesis, chapters 3 and 4.
    """

    label = "pixel_accuracy"

    def __init__(
        self,
        num_outputs: int,
        published: bool = False,
        from_logits: bool = True,
        name: str | None = None,
        dtype: Any = "float32",
    ) -> None:
        self.published = published
        super().__init__(num_outputs, from_logits, name, dtype)

    def default_name(self) -> str:
        """`pixel_accuracy` or `published_pixel_accuracy`."""
        return f"published_{self.label}" if self.published else self.label

    def parts(
        self, y_true: Tensor, y_pred: Tensor, weight: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Correct and labelled pixels of a batch."""
        if are_classes(y_true, y_pred):
            found = count_outcomes(y_true, y_pred, weight, self.threshold)
            correct = ops.sum(found.hits, axis=1, keepdims=True)
            return ops.broadcast_to(
                correct, ops.shape(found.total)
            ), found.total
        if not self.published:
            return super().parts(y_true, y_pred, weight)
        truth = _highest(ops.cast(y_true, "float32"), 0.5)
        right = truth == _highest(y_pred, self.threshold)
        weight = by_image(weights_like(weight, truth, "float64"))
        right = ops.sum(weight * ops.cast(by_image(right), "float64"), axis=1)
        every = (ops.shape(right)[0], self.num_outputs)
        right, all_ = ops.expand_dims(right, 1), ops.sum(weight, 1, True)
        return ops.broadcast_to(right, every), ops.broadcast_to(all_, every)

    def ratio(self, found: Outcomes) -> tuple[Tensor, Tensor]:
        """Correct elements of each map, and all."""
        wrong = found.labelled + found.predicted - 2 * found.hits
        return found.total - wrong, found.total

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "published": self.published}


def _highest(maps: Tensor, threshold: float) -> Tensor:
    """1 + the highest map, 0 where none is above the threshold."""
    some = ops.any(maps > threshold, axis=-1)
    return ops.where(some, ops.argmax(maps, axis=-1) + 1, 0)
