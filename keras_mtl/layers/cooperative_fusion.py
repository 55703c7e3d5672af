"""What one task reads of the features of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_mtl.typing import Shape, Tensor, Tensors


@keras.saving.register_keras_serializable(package="keras_mtl")
class CooperativeFusion(keras.layers.Layer):
    """One task's features beside the other tasks', which it does not train.

    Concatenates the features in the order of the task names, whichever task
    reads, so that the encoders of all tasks together are laid out as one
    shared encoder would be.

    Args:
        task: The task that reads; a key of the inputs. Gradients reach its
            own features.
        stop_gradients: Whether gradients stop before the other tasks'
            features. `False` couples the encoders end to end.
        axis: Axis to concatenate along. Defaults to the last, the channels.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `task` is no key of the inputs.

    Input shape: dict, task to tensor, all `(batch, ..., channels)`.
    Output shape: `(batch, ..., channels of all tasks)`.

    Reference:
        [Wu et al., 2023](https://arxiv.org/abs/2309.12090)
    """

    def __init__(
        self,
        task: str,
        stop_gradients: bool = True,
        axis: int = -1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.task = task
        self.stop_gradients = stop_gradients
        self.axis = axis

    def build(self, input_shape: Mapping[str, Shape]) -> None:
        """Checks that the task is there."""
        if not isinstance(input_shape, Mapping) or self.task not in input_shape:
            received: Any = input_shape
            if isinstance(input_shape, Mapping):
                received = sorted(input_shape)
            raise ValueError(
                f"Layer {self.name!r} needs a dict of features, task to "
                f"tensor, with the key {self.task!r} of the task that reads "
                f"them. Received: {received}."
            )

    def call(self, inputs: Tensors) -> Tensor:
        """Concatenates the features as one task reads them."""
        parts = [
            self._read(task, inputs[task]) for task in sorted(inputs.keys())
        ]
        return ops.concatenate(parts, axis=self.axis)

    def _read(self, task: str, features: Tensor) -> Tensor:
        if self.stop_gradients and task != self.task:
            return ops.stop_gradient(features)
        return features

    def compute_output_shape(self, input_shape: Mapping[str, Shape]) -> Shape:
        """The shape of one task's features, with the channels of all."""
        shape = list(input_shape[self.task])
        sizes = [shape[self.axis] for shape in input_shape.values()]
        known = [size for size in sizes if size is not None]
        shape[self.axis] = sum(known) if len(known) == len(sizes) else None
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "task": self.task,
            "stop_gradients": self.stop_gradients,
            "axis": self.axis,
        }
