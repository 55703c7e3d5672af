"""Features of each task mixed with those of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_mtl.layers.task_features import check_alike
from keras_mtl.typing import Shape, Tensor, Tensors


@keras.saving.register_keras_serializable(package="keras_mtl")
class CrossStitch(keras.layers.Layer):
    """Mixes the features of several tasks with a learned square matrix.

    The paper trains the matrices at 100 to 1000 times the learning rate of
    the networks: `keras.optimizers.MultiOptimizer` on `".*/mixing"`.

    Args:
        self_weight: Initial weight of a task's own features; the others
            share the rest evenly.
        channelwise: Whether every channel has a matrix of its own.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If the features of the tasks differ in shape.

    Input and output shape: dict, task to tensor, all `(batch, ..., channels)`.

    Reference:
        [Misra et al., 2016](https://arxiv.org/abs/1604.03539)
    """

    def __init__(
        self,
        self_weight: float = 0.9,
        channelwise: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.self_weight = self_weight
        self.channelwise = channelwise

    def build(self, input_shape: Mapping[str, Shape]) -> None:
        """Makes the matrices: shape `(to, from, channels or 1)`."""
        channels = check_alike(input_shape, self)[-1]
        count = len(input_shape)
        shape = (count, count, channels if self.channelwise else 1)
        self.mixing = self.add_weight(shape, self._initial, name="mixing")

    def _initial(self, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        count = shape[0]
        own = ops.eye(count, dtype=dtype)
        rest = (1.0 - self.self_weight) / max(1, count - 1)
        matrix = self.self_weight * own + rest * (1.0 - own)
        if count == 1:
            matrix = own
        return ops.broadcast_to(ops.expand_dims(matrix, -1), shape)

    def call(self, inputs: Tensors) -> dict[str, Tensor]:
        """Mixes."""
        tasks = sorted(inputs.keys())
        mixing = ops.convert_to_tensor(self.mixing)
        mixed = {}
        for row, task in enumerate(tasks):
            terms = [
                mixing[row, column] * inputs[other]
                for column, other in enumerate(tasks)
            ]
            mixed[task] = sum(terms[1:], terms[0])
        return mixed

    def compute_output_shape(
        self, input_shape: Mapping[str, Shape]
    ) -> dict[str, Shape]:
        """The shapes of the features."""
        return {task: tuple(shape) for task, shape in input_shape.items()}

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "self_weight": self.self_weight,
            "channelwise": self.channelwise,
        }
