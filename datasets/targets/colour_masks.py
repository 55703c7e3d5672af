"""Several yes/no maps, from an image of pure colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.targets.level_mask import view_weights
from keras_mtl.datasets.targets.target import require
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor

_HALF = 127


@dataclass(frozen=True)
class ColourMasks:
    """The labels of a `mask`: float32, shape `(height, width, num_outputs)`.

    A colour is a number of three bits: 4 for red, 2 for green, 1 for blue.

    Args:
        spec: The task.
        field: Field of uint8 pixels, shape `(batch, height, width, 3)`. A
            missing file is black.
        maps: The colours that are a yes, for each map.
        unlabelled: The colours that are no label.
        known: Field of bools, shape `(batch,)`: whether there is a file.
        inside: Field of the field of view, as in `LevelMask`.
    """

    spec: TaskSpec
    field: str
    maps: tuple[tuple[int, ...], ...]
    unlabelled: tuple[int, ...]
    known: str
    inside: str | None = None

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Masks and weights. See `Target`."""
        bits = tf.cast(fields[self.field] > _HALF, tf.int32)
        codes = tf.reduce_sum(bits * [4, 2, 1], axis=-1)
        meant = {0, *self.unlabelled, *(c for one in self.maps for c in one)}
        good = tf.gather([code in meant for code in range(8)], codes)
        require(
            tf.reduce_all(good, axis=[1, 2]),
            fields[f"path:{self.field}"],
            " has a colour that is no label. Check that it belongs to this "
            "data set, and the colours of `data.layout`.",
        )
        table = [
            [float(code in colours) for colours in self.maps]
            for code in range(8)
        ]
        counted = [float(code not in self.unlabelled) for code in range(8)]
        weights = view_weights(fields, self.known, self.inside, codes)
        return tf.gather(table, codes), weights * tf.gather(counted, codes)
