"""How far variables move: the way they go, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from keras_mtl.typing import Tensor

# Variables, and where they were before a step.
Step = list[tuple[keras.Variable, Tensor]]


class Movement(keras.layers.Layer):
    """Adds up the lengths of the steps that variables make.

    Its state (where the variables began, the length of the way so far, the
    number of steps) is saved with the model that holds it.

    Args:
        followed: Variables that are followed, taken as one vector.
        **kwargs: Arguments of `keras.layers.Layer`.
    """

    def __init__(
        self, followed: Sequence[keras.Variable], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._followed = _Unseen(tuple(followed))
        # Many short steps vanish beside a long way in single precision.
        self.total = self._state("total", (), "float64")
        self.steps = self._state("steps", (), "int64")
        self.origins = [
            self._state(f"origin_{index}", variable.shape, variable.dtype)
            for index, variable in enumerate(followed)
        ]
        self.has_begun = self._state("has_begun", (), "int64")
        self.built = True

    def begin(self) -> None:
        """Takes where the variables are for the start, unless it has one."""
        if int(self.has_begun.numpy()):
            return
        for origin, variable in zip(self.origins, self.followed, strict=True):
            origin.assign(variable.value)
        self.has_begun.assign(1)

    @property
    def followed(self) -> tuple[keras.Variable, ...]:
        """The variables."""
        return self._followed.variables

    def moved_by(self, variables: Sequence[keras.Variable]) -> Step:
        """Remembers where variables are before a step.

        Args:
            variables: What the step may move; those that are not followed
                are left out.

        Returns:
            To be given to `add` after the step.
        """
        known = {id(variable) for variable in self.followed}
        moving = [v for v in variables if id(v) in known]
        # A copy: Keras's `convert_to_tensor` would return the variable.
        return [(v, tf.identity(v.value)) for v in moving]

    def add(self, step: Step) -> None:
        """Adds the length of a step that has been made.

        Args:
            step: What `moved_by` returned before it.
        """
        if not step:
            return
        length = distance(
            [tf.identity(variable.value) for variable, _ in step],
            [value for _, value in step],
        )
        self.total.assign_add(length)
        # A step that was skipped is none.
        self.steps.assign_add(ops.cast(ops.not_equal(length, 0), "int64"))

    def shortest(self) -> float:
        """Length of the straight way from the start to here."""
        found = distance(
            [variable.value for variable in self.followed],
            [origin.value for origin in self.origins],
        )
        return float(found)

    def _state(
        self, name: str, shape: Sequence[int], dtype: str
    ) -> keras.Variable:
        return self.add_weight(
            shape,
            "zeros",
            dtype=dtype,
            trainable=False,
            name=name,
        )


class _Unseen:
    """Variables of others, out of sight of Keras's tracking."""

    def __init__(self, variables: tuple[keras.Variable, ...]) -> None:
        self.variables = variables


def distance(these: Sequence[Tensor], those: Sequence[Tensor]) -> Tensor:
    """Euclidean distance of two lists of tensors, each taken as one vector.

    Args:
        these: Float tensors.
        those: Tensors of the same shapes.

    Returns:
        Float64 scalar.
    """
    squares = [
        ops.cast(ops.sum(ops.square(one - other)), "float64")
        for one, other in zip(these, those, strict=True)
    ]
    return ops.sqrt(sum(squares[1:], squares[0]))
