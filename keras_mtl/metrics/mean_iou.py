"""Intersection over union."""

from __future__ import annotations

from typing import Any, Literal

import keras
from keras import ops

from keras_mtl.metrics.outcomes import Outcomes
from keras_mtl.metrics.ratio_metric import RatioMetric
from keras_mtl.typing import Tensor

Published = bool | Literal["chapter_3", "chapter_4"]


@keras.saving.register_keras_serializable(package="keras_mtl")
class MeanIoU(RatioMetric):
    """Intersection over union, averaged over classes or maps.

    The standard: intersections and unions are summed over all labelled pixels
    of the data set and divided once for each class (the confusion matrix of
    the data set), or for the foreground of each map. Classes that are neither
    labelled nor predicted anywhere are left out of the mean.

    The published variants divide in each image and average over images, as
    the thesis's tables do: over the images in which the union is not empty
    (chapter 3), or in which the class is labelled (chapter 4). Its authors
    averaged batches, this averages images: the same for batches of one.

    Args:
        num_outputs: Number of classes or maps.
        published: `"chapter_3"` or `"chapter_4"`; `True` takes chapter 3 for
            one map, and chapter 4 for more or for classes. The name becomes
            `published_mean_iou`.
        from_logits: Whether yes/no outputs are logits, a yes above 0; else
            probabilities, a yes above 0.5.
        name: Name in the logs.
        dtype: Dtype in which elements are computed.

    Raises:
        ValueError: If `published` is something else.

    Reference:
        L. Pascal, thesis, chapters 3 and 4.
    """

    label = "mean_iou"

    def __init__(
        self,
        num_outputs: int,
        published: Published = False,
        from_logits: bool = True,
        name: str | None = None,
        dtype: Any = "float32",
    ) -> None:
        if published is True:
            published = "chapter_3" if num_outputs == 1 else "chapter_4"
        if published not in (False, "chapter_3", "chapter_4"):
            raise ValueError(
                "`published` must be true, false, 'chapter_3' or 'chapter_4'. "
                f"Received: published={published!r}."
            )
        self.published = published
        super().__init__(num_outputs, from_logits, name, dtype)

    def default_name(self) -> str:
        """`mean_iou` or `published_mean_iou`."""
        return f"published_{self.label}" if self.published else self.label

    def ratio(self, found: Outcomes) -> tuple[Tensor, Tensor]:
        """Intersections and unions; or IoU and whether the image counts."""
        union = found.labelled + found.predicted - found.hits
        if not self.published:
            return found.hits, union
        share = ops.divide_no_nan(found.hits, union)
        is_chapter_3 = self.published == "chapter_3"
        counted = union if is_chapter_3 else found.labelled
        return share, ops.cast(counted > 0, "float64")

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "published": self.published}
