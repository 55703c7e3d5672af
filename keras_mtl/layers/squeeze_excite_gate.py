"""Channel weights that follow from the features, task by task."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.layers.task_rows import (
    channels_of,
    check_num_tasks,
    check_task,
    pick,
    spread,
)
from keras_mtl.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class SqueezeExciteGate(keras.layers.Layer):
    """Scales channels by a gate in (0, 1), one gate for each task.

    The gate: average over the positions, a dense layer to `channels / ratio`
    units with ReLU, a dense layer back with a sigmoid. All is trained.

    Args:
        num_tasks: Number of tasks, and of gates.
        ratio: By how much the channels are squeezed, at least 1.
        axis: Axis of the channels.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        features: Float tensor, shape `(batch, ..., channels)`.
        task: Integer, or integer tensor of shape `()` or `(batch,)`.

    Raises:
        ValueError: If an argument is out of its range.

    Reference:
        [Maninis et al., 2019](https://arxiv.org/abs/1904.08918)
    """

    def __init__(
        self, num_tasks: int, ratio: int = 16, axis: int = -1, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.num_tasks = check_num_tasks(num_tasks)
        if ratio < 1:
            raise ValueError(
                f"`ratio` must be at least 1. Received: ratio={ratio!r}."
            )
        self.ratio = ratio
        self.axis = axis
        self.supports_masking = True

    def build(
        self, features_shape: Shape, task_shape: Shape | None = None
    ) -> None:
        """Makes two dense layers per task, stacked."""
        channels = channels_of(features_shape, self.axis, self)
        units = max(1, int(channels // self.ratio))
        self.squeeze = self._dense("squeeze", channels, units)
        self.excite = self._dense("excite", units, channels)

    def _dense(
        self, name: str, inputs: int, outputs: int
    ) -> tuple[keras.Variable, keras.Variable]:
        every = range(self.num_tasks)

        def stacked(shape: Shape, dtype: Any = None) -> Tensor:
            # One draw per task, with the fans of a dense layer.
            draws = (keras.initializers.GlorotUniform() for _ in every)
            return ops.stack([draw(shape[1:], dtype) for draw in draws])

        kernel = self.add_weight(
            (self.num_tasks, inputs, outputs), stacked, name=f"{name}_kernel"
        )
        bias = self.add_weight(
            (self.num_tasks, outputs), "zeros", name=f"{name}_bias"
        )
        return kernel, bias

    def call(self, features: Tensor, task: int | Tensor) -> Tensor:
        """Multiplies the channels by the gate of the task."""
        task = check_task(task, self.num_tasks)
        rank = len(features.shape)
        axes = [a for a in range(1, rank) if a != self.axis % rank]
        x = ops.mean(features, axes) if axes else features
        x = ops.relu(_affine(x, self.squeeze, task))
        x = ops.sigmoid(_affine(x, self.excite, task))
        return features * spread(x, features, self.axis)

    def compute_output_shape(
        self, features_shape: Shape, task_shape: Shape | None = None
    ) -> Shape:
        """The shape of the features."""
        return features_shape

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "num_tasks": self.num_tasks,
            "ratio": self.ratio,
            "axis": self.axis,
        }


def _affine(
    x: Tensor,
    weights: tuple[keras.Variable, keras.Variable],
    task: int | Tensor,
) -> Tensor:
    kernel, bias = (ops.convert_to_tensor(weight) for weight in weights)
    if kernel.shape[0] == 1:
        return ops.matmul(x, kernel[0]) + bias[0]
    kernel, bias = pick(kernel, task), pick(bias, task)
    if len(kernel.shape) == 2:
        return ops.matmul(x, kernel) + bias
    product = ops.matmul(ops.expand_dims(x, 1), kernel)
    return ops.squeeze(product, 1) + bias
