"""One yes/no map, from an image of grey levels that some samples lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.targets.class_map import read_classes
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor


@dataclass(frozen=True)
class LevelMask:
    """The labels of a `mask`: float32, shape `(height, width, 1)`.

    Args:
        spec: The task.
        field: Field of uint8 levels, shape `(batch, height, width, 1)`. A
            missing file is zeros.
        table: 1 (yes) or 0 (no) for each of the 256 levels, from `id_table`.
        known: Field of bools, shape `(batch,)`: whether there is a file.
        inside: Field of the field of view: only where it is not 0 there is a
            label. `None`: everywhere.
    """

    spec: TaskSpec
    field: str
    table: tuple[int, ...]
    known: str
    inside: str | None = None

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Mask and weights. See `Target`."""
        known = fields[self.known][:, None, None, None]
        first = next(
            level for level, is_yes in enumerate(self.table) if not is_yes
        )
        levels = tf.where(known, fields[self.field], tf.cast(first, tf.uint8))
        classes = read_classes(
            {**fields, self.field: levels}, self.field, self.table
        )
        weights = view_weights(fields, self.known, self.inside, classes)
        return tf.cast(classes, tf.float32)[..., None], weights


def view_weights(
    fields: Mapping[str, Tensor], known: str, inside: str | None, like: Tensor
) -> Tensor:
    """Weights of a map: where a label is known, within the field of view.

    Args:
        fields: As in `Target`.
        known: Field of bools, shape `(batch,)`.
        inside: Field of the field of view, or `None`.
        like: Tensor of shape `(batch, height, width)`.

    Returns:
        Float32, of that shape.
    """
    weights = tf.ones(tf.shape(like), tf.float32)
    weights *= tf.cast(fields[known], tf.float32)[:, None, None]
    if inside is not None:
        weights *= tf.cast(fields[inside][..., 0] > 0, tf.float32)
    return tf.ensure_shape(weights, like.shape)
