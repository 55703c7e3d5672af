"""Matrices that say where pixels come from."""

from __future__ import annotations

import tensorflow as tf

from keras_mtl.typing import Tensor


def similarity(
    a: Tensor, b: Tensor, c: Tensor, d: Tensor, dx: Tensor, dy: Tensor
) -> Tensor:
    """`[[a, b, dx], [c, d, dy], [0, 0, 1]]` for each sample.

    Args:
        a: Float32, shape `(batch,)`; the others likewise.
        b: Of the row in the column.
        c: Of the column in the row.
        d: Of the row in the row.
        dx: Columns to add.
        dy: Rows to add.

    Returns:
        Float32, shape `(batch, 3, 3)`.
    """
    zero, one = tf.zeros_like(a), tf.ones_like(a)
    rows = [a, b, dx, c, d, dy, zero, zero, one]
    return tf.reshape(tf.stack(rows, axis=1), [-1, 3, 3])


def zoom_of(matrix: Tensor) -> Tensor:
    """How much larger things appear, shape `(batch,)`."""
    return 1.0 / tf.sqrt(tf.abs(_determinant(matrix)))


def turn_of(matrix: Tensor) -> Tensor:
    """What becomes of directions in the image.

    Args:
        matrix: Float32, shape `(batch, 3, 3)`, a similarity `p = s Q p' + t`
            from the result to the image.

    Returns:
        `Q` transposed, shape `(batch, 2, 2)`: a direction `v` of the image is
        `Q^T v` in the result, columns to the right and rows downwards.
    """
    scaled = matrix[:, :2, :2] * zoom_of(matrix)[:, None, None]
    return tf.transpose(scaled, [0, 2, 1])


def _determinant(matrix: Tensor) -> Tensor:
    return matrix[:, 0, 0] * matrix[:, 1, 1] - matrix[:, 0, 1] * matrix[:, 1, 0]
