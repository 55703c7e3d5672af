"""What makes the labels of one task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import tensorflow as tf

from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor

# Opens and closes what a failed check in the graph says, so that it can be
# told from what TensorFlow adds.
MARKS = ("<keras-mtl: ", " :keras-mtl>")


class Target(Protocol):
    """Labels and weights of one task, made of what the files hold."""

    @property
    def spec(self) -> TaskSpec:
        """What the task predicts."""

    def __call__(self, fields: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Labels and weights of a batch, inside the graph.

        Args:
            fields: Name of a field to its values, shape `(batch, ...)`, and
                `path:` with the name to the paths of its files.

        Returns:
            Labels, and float32 weights, 0 where a label is missing: shape
            `(batch,)`, or `(batch, height, width)` of the dense kinds.
        """


def require(good: Tensor, paths: Tensor, expected: str) -> None:
    """Stops at the first file of a batch whose contents are wrong.

    Args:
        good: Bool tensor, shape `(batch,)`.
        paths: Strings, shape `(batch,)`.
        expected: What is wrong with a file, and what to do.
    """
    bad = paths[tf.argmin(tf.cast(good, tf.int32))]
    text = tf.strings.join([MARKS[0], bad, expected, MARKS[1]])
    tf.debugging.Assert(tf.reduce_all(good), [text])
