"""Distance between the centres of two heat maps."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.metrics.data_set_metric import weights_like
from keras_mtl.metrics.mean_metric import MeanMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class FoveaDistance(MeanMetric):
    """Distance between labelled and predicted point, in pixels of the map.

    A point is the centre of mass of its heat map after the background has
    been removed: what is below the middle of the map's range counts nothing,
    and the rest what it is above it. A flat map has its centre in the middle.
    Averaged over the images that have a label, and over the maps of each.

    Labels and outputs have shape `(batch, height, width, num_maps)`.

    Args:
        published: Take the centre of mass of the output as it is, as the
            thesis does: background pulls it to the middle of the image. The
            name becomes `published_fovea_distance`.
        name: Name in the logs.
        dtype: Dtype in which elements are computed.
    """

    label = "fovea_distance"
    higher_is_better = False

    def __init__(
        self,
        published: bool = False,
        name: str | None = None,
        dtype: Any = "float32",
    ) -> None:
        self.published = published
        super().__init__(name=name, dtype=dtype)

    def default_name(self) -> str:
        """`fovea_distance` or `published_fovea_distance`."""
        return f"published_{self.label}" if self.published else self.label

    def update_state(
        self,
        y_true: Tensor,
        y_pred: Tensor,
        sample_weight: Tensor | None = None,
    ) -> None:
        """Adds a batch.

        Args:
            y_true: Heat maps, shape `(batch, height, width, num_maps)`.
            y_pred: Outputs, of the same shape.
            sample_weight: Float tensor of the leading axes of the labels; an
                image counts if it has a labelled pixel. Or `None`.
        """
        if sample_weight is not None:
            y_true = ops.convert_to_tensor(y_true)
            weight = weights_like(sample_weight, y_true[..., 0], self.dtype)
            sample_weight = ops.max(weight, axis=(1, 2))
        super().update_state(y_true, y_pred, sample_weight)

    def values(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """Distances, shape `(batch, num_maps)`; all are valid."""
        masses = y_pred if self.published else above_middle(y_pred)
        gap = centers(masses) - centers(above_middle(y_true))
        distance = ops.sqrt(ops.sum(ops.square(gap), axis=0))
        return distance, ops.ones_like(distance, dtype="bool")

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "published": self.published}


def above_middle(maps: Tensor) -> Tensor:
    """Heat maps without what is below the middle of their range.

    Args:
        maps: Shape `(batch, height, width, num_maps)`.

    Returns:
        The same shape: by how much a pixel is above the middle, or 0. Ones
        for a flat map.
    """
    highest = ops.max(maps, axis=(1, 2), keepdims=True)
    lowest = ops.min(maps, axis=(1, 2), keepdims=True)
    above = ops.relu(maps - (highest + lowest) / 2)
    return ops.where(highest > lowest, above, ops.ones_like(maps))


def centers(masses: Tensor) -> Tensor:
    """Centres of mass.

    Args:
        masses: Shape `(batch, height, width, num_maps)`.

    Returns:
        Rows and columns, counted from 0 at the centre of the first pixel:
        shape `(2, batch, num_maps)`. NaN where the masses sum to 0.
    """
    height, width = ops.shape(masses)[1:3]
    rows = ops.cast(ops.arange(height), masses.dtype)
    columns = ops.cast(ops.arange(width), masses.dtype)
    by_row, by_column = ops.sum(masses, axis=2), ops.sum(masses, axis=1)
    whole = ops.sum(by_row, axis=1)
    row = ops.sum(by_row * rows[None, :, None], axis=1)
    column = ops.sum(by_column * columns[None, :, None], axis=1)
    return ops.stack([row / whole, column / whole])
