"""A map that some samples lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.targets.class_map import ClassMap
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor


@dataclass(frozen=True)
class PartialMap:
    """The labels of a map, with weight 0 where the file is missing.

    Args:
        target: Makes the labels of the others. A missing file is zeros.
        known: Field of bools, shape `(batch,)`: whether there is a file.
    """

    target: ClassMap
    known: str

    @property
    def spec(self) -> TaskSpec:
        """The task."""
        return self.target.spec

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Labels and weights. See `Target`."""
        known = fields[self.known][:, None, None]
        field = self.target.field
        # Where there is no file, an id that is surely one.
        first = next(i for i, c in enumerate(self.target.table) if c == 0)
        ids = tf.where(
            known[..., None], fields[field], tf.cast(first, tf.uint8)
        )
        labels, weights = self.target({**fields, field: ids})
        return labels, weights * tf.cast(known, tf.float32)
