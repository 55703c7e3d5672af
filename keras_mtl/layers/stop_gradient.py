"""Features that others read but do not train."""

from __future__ import annotations

import keras
from keras import ops

from keras_mtl.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class StopGradient(keras.layers.Layer):
    """The identity, through which no gradient flows back.

    Put it where a task reads the features of another task's encoder, so that
    its loss does not train that encoder.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`.

    Input and output shape: any, the same.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, cut off from what made them."""
        return ops.stop_gradient(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return input_shape
