"""Steps that may not leave a region around where they began."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import keras
import tensorflow as tf
from keras import ops

from keras_mtl.backend.perturbation import bound_after
from keras_mtl.typing import Tensor

Region = Literal["clip", "l2"]


@dataclass(frozen=True, eq=False)
class Projection:
    """The region that the variables of a phase are put back into.

    Attributes:
        variables: What is put back.
        bound: Size of the region, in units of the variables.
        step: Counter of training batches, from 1; integer scalar.
        region: `"clip"`: every coordinate within `bound` of the anchor;
            `"l2"`: the vector of all variables within that distance.
        anchors: Centre of the region, one variable each; `None` for where
            the step began.
        warmup: Training batches without a region.
    """

    variables: tuple[keras.Variable, ...]
    bound: float
    step: keras.Variable
    region: Region = "clip"
    anchors: tuple[keras.Variable, ...] | None = None
    warmup: int = 0

    def centre(self) -> list[Tensor]:
        """Where the region is; to be asked for before the step."""
        sources = self.variables if self.anchors is None else self.anchors
        # A copy: Keras's `convert_to_tensor` would return the variable.
        return [tf.identity(v.value) for v in sources]

    def project(self, centre: Sequence[Tensor]) -> Tensor:
        """Puts the variables back into the region.

        Args:
            centre: What `centre` returned before the step.

        Returns:
            Float scalar in [0, 1]: the share of coordinates put back.
        """
        values = [tf.identity(v.value) for v in self.variables]
        bound = bound_after(
            self.warmup, self.step.value, self.bound, float("inf")
        )
        project = clip_to_box if self.region == "clip" else clip_to_ball
        projected, share = project(values, centre, bound)
        for variable, value in zip(self.variables, projected, strict=True):
            variable.assign(value)
        return share


def clip_to_box(
    values: Sequence[Tensor], centre: Sequence[Tensor], bound: Tensor
) -> tuple[list[Tensor], Tensor]:
    """Clips every coordinate to within `bound` of the centre.

    Args:
        values: Float tensors.
        centre: Tensors of the same shapes.
        bound: Float scalar, 0 or more.

    Returns:
        The clipped tensors, and the share of coordinates that were outside.
    """
    projected, outside, size = [], 0.0, 0
    for value, middle in zip(values, centre, strict=True):
        radius = ops.cast(bound, value.dtype)
        clipped = ops.clip(value, middle - radius, middle + radius)
        projected.append(clipped)
        outside += ops.sum(ops.cast(clipped != value, "float32"))
        size += math.prod(value.shape)
    return projected, outside / size


def clip_to_ball(
    values: Sequence[Tensor], centre: Sequence[Tensor], bound: Tensor
) -> tuple[list[Tensor], Tensor]:
    """Draws all coordinates in until their distance is `bound` at most.

    Args:
        values: Float tensors, taken as one vector.
        centre: Tensors of the same shapes.
        bound: Float scalar, 0 or more.

    Returns:
        The tensors, and 1.0 if they were too far away, else 0.0.
    """
    steps = [v - c for v, c in zip(values, centre, strict=True)]
    squares = [ops.sum(ops.square(ops.cast(s, "float64"))) for s in steps]
    distance = ops.sqrt(sum(squares[1:], squares[0]))
    bound = ops.cast(bound, "float64")
    far = distance > bound
    factor = ops.where(far, bound / ops.where(far, distance, 1.0), 1.0)
    projected = [
        ops.where(far, middle + ops.cast(factor, step.dtype) * step, value)
        for value, middle, step in zip(values, centre, steps, strict=True)
    ]
    return projected, ops.cast(far, "float32")
