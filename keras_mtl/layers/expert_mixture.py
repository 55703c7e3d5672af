"""What a gate lets through of several experts."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from keras_mtl.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class ExpertMixture(keras.layers.Layer):
    """Sum of the experts' features, weighted by a gate.

    Input: a list of the weights, shape `(batch, num_experts)`, and one tensor
    per expert, all of shape `(batch, ..., channels)`.
    Output shape: `(batch, ..., channels)`.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If the experts are not as many as the weights.

    Reference:
        [Jacobs et al., 1991](https://doi.org/10.1162/neco.1991.3.1.79)
    """

    def build(self, input_shape: Sequence[Shape]) -> None:
        """Checks that there is an expert for each weight."""
        weights, *experts = input_shape
        if weights[-1] != len(experts):
            raise ValueError(
                f"Layer {self.name!r} needs one expert for each weight of "
                f"the gate. Received: weights of shape {tuple(weights)}, "
                f"{len(experts)} experts."
            )

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """Weighs and adds."""
        weights, *experts = inputs
        stacked = ops.stack(experts, axis=1)
        return ops.einsum("be,be...->b...", weights, stacked)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """The shape of an expert."""
        return tuple(input_shape[1])
