"""What one task keeps of the features of all, by a learned projection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_mtl.layers.task_features import check_alike
from keras_mtl.typing import Shape, Tensor, Tensors


@keras.saving.register_keras_serializable(package="keras_mtl")
class NDDR(keras.layers.Layer):
    """Projects the features of all tasks onto as many channels as one has.

    Neural discriminative dimensionality reduction: a 1x1 convolution of the
    features of all tasks, concatenated. It starts as a weighted sum.

    Args:
        task: The task that reads; a key of the inputs.
        self_weight: Initial weight of its own features.
        other_weight: Initial weight of the features of each other task.
        kernel_regularizer: Regulariser of the projection; the paper decays
            its weights.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `task` is no key of the inputs, or the features of the
            tasks differ in shape.

    Input shape: dict, task to tensor, all `(batch, ..., channels)`.
    Output shape: `(batch, ..., channels)`.

    Reference:
        [Gao et al., 2019](https://arxiv.org/abs/1801.08297)
    """

    def __init__(
        self,
        task: str,
        self_weight: float = 0.9,
        other_weight: float = 0.1,
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.task = task
        self.self_weight = self_weight
        self.other_weight = other_weight
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, input_shape: Mapping[str, Shape]) -> None:
        """Makes the projection: shape `(tasks * channels, channels)`."""
        channels = int(check_alike(input_shape, self)[-1] or 0)
        if self.task not in input_shape:
            raise ValueError(
                f"Layer {self.name!r} needs features of the task "
                f"{self.task!r}. Received: {sorted(input_shape)}."
            )
        own = sorted(input_shape).index(self.task)

        def weighted_sum(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
            eye = ops.eye(channels, dtype=dtype)
            weights = [self.other_weight] * len(input_shape)
            weights[own] = self.self_weight
            return ops.concatenate([weight * eye for weight in weights])

        self.kernel = self.add_weight(
            (len(input_shape) * channels, channels),
            weighted_sum,
            regularizer=self.kernel_regularizer,
            name="kernel",
        )

    def call(self, inputs: Tensors) -> Tensor:
        """Concatenates and projects."""
        parts = [inputs[task] for task in sorted(inputs.keys())]
        return ops.matmul(ops.concatenate(parts, axis=-1), self.kernel)

    def compute_output_shape(self, input_shape: Mapping[str, Shape]) -> Shape:
        """The shape of one task's features."""
        return tuple(input_shape[self.task])

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "task": self.task,
            "self_weight": self.self_weight,
            "other_weight": self.other_weight,
            "kernel_regularizer": keras.regularizers.serialize(
                self.kernel_regularizer
            ),
        }
