"""Angles between surface normals."""

from __future__ import annotations

from keras import ops

from keras_mtl.typing import Tensor

# Below this squared length a vector has no direction.
_TINY = 1e-12
_DEGREES = 57.29577951308232


def angles(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """The angle between each label and its output.

    By the arc tangent of cross and dot product: the arc cosine of a float32
    is wrong by up to 0.02 degrees for vectors that agree.

    Args:
        y_true: Vectors, shape `(batch, ..., 3)`; the zero vector is missing.
        y_pred: Vectors of any length, of the same shape. One without a
            direction is at 90 degrees from every label.

    Returns:
        Degrees in [0, 180], and where there is a label (boolean); both of
        shape `(batch, ...)`.
    """
    dot = ops.sum(y_true * y_pred, axis=-1)
    cross = ops.sqrt(_squared(ops.cross(y_true, y_pred)))
    degrees = ops.arctan2(cross, dot) * _DEGREES
    degrees = ops.where(_squared(y_pred) > _TINY, degrees, 90.0)
    return degrees, _squared(y_true) > _TINY


def _squared(vectors: Tensor) -> Tensor:
    return ops.sum(ops.square(vectors), axis=-1)
