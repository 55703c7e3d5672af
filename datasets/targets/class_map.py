"""One class per pixel, from an image of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from keras_mtl.datasets.targets.target import require
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor

MISSING = -1
UNKNOWN = -2


def id_table(classes: Mapping[int, int], missing: tuple[int, ...]) -> list[int]:
    """What the ids 0..255 of a file stand for.

    Args:
        classes: Id in the file to class.
        missing: Ids that stand for no label.

    Returns:
        256 classes; `MISSING` and `UNKNOWN` where there is none.
    """
    table = [UNKNOWN] * 256
    for value in missing:
        table[value] = MISSING
    for value, label in classes.items():
        table[value] = label
    return table


@dataclass(frozen=True)
class ClassMap:
    """The labels of a `segmentation`: int32 ids, shape `(height, width)`.

    Args:
        spec: The task.
        field: Field of uint8 ids, shape `(batch, height, width, 1)`.
        table: The class of each of the 256 ids, from `id_table`.
    """

    spec: TaskSpec
    field: str
    table: tuple[int, ...]

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Classes (0 where missing) and weights. See `Target`."""
        classes = read_classes(fields, self.field, self.table)
        known = classes >= 0
        return tf.where(known, classes, 0), tf.cast(known, tf.float32)


def read_classes(
    fields: Mapping[str, Tensor], field: str, table: tuple[int, ...]
) -> Tensor:
    """Classes of the pixels, `MISSING` where there is none.

    Args:
        fields: As in `Target`.
        field: Name of the field of ids.
        table: From `id_table`.

    Returns:
        Int32 tensor, shape `(batch, height, width)`. An unknown id stops the
        pipeline with the name of the file.
    """
    ids = tf.cast(fields[field][..., 0], tf.int32)
    classes = tf.gather(tf.constant(table, tf.int32), ids)
    good = tf.reduce_all(classes != UNKNOWN, axis=[1, 2])
    known = [value for value, label in enumerate(table) if label != UNKNOWN]
    require(
        good,
        fields[f"path:{field}"],
        f" has ids that are no label: expected {_ranges(known)}. Check that "
        "it belongs to this data set, and `data.classes`.",
    )
    return classes


def _ranges(values: list[int]) -> str:
    """`0..13, 255`."""
    starts = [v for v in values if v - 1 not in values]
    ends = [v for v in values if v + 1 not in values]
    return ", ".join(
        str(a) if a == b else f"{a}..{b}"
        for a, b in zip(starts, ends, strict=True)
    )
