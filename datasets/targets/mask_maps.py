"""Yes/no maps, each an image of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor


@dataclass(frozen=True)
class MaskMaps:
    """The labels of a `mask`: float32, shape `(height, width, num_outputs)`.

    Args:
        spec: The task.
        fields: A field a map, uint8 of shape `(batch, height, width, 1)`:
            whatever is not 0 is a yes. A missing file is a map of zeros.
        known: Field of bools, shape `(batch,)`: whether the maps of a sample
            are labelled at all.
    """

    spec: TaskSpec
    fields: tuple[str, ...]
    known: str

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Masks and weights. See `Target`."""
        maps = tf.concat([fields[name] for name in self.fields], axis=-1)
        masks = tf.cast(maps > 0, tf.float32)
        known = tf.cast(fields[self.known], tf.float32)[:, None, None]
        weights = tf.ones_like(masks[..., 0]) * known
        return masks * known[..., None], weights
