"""A gate that learns, by gradient descent, which few experts to use."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtl.typing import Shape, Tensor


def smooth_step(x: Tensor, gamma: float = 1.0) -> Tensor:
    """A sigmoid that is exactly 0 and 1 outside an interval.

    Args:
        x: Float tensor of any shape.
        gamma: Width of the interval around 0, above 0.

    Returns:
        Tensor like `x`, in [0, 1], with a continuous derivative.
    """
    cubic = -2 / gamma**3 * x**3 + 3 / (2 * gamma) * x + 0.5
    inside = ops.where(x <= -gamma / 2, ops.zeros_like(x), cubic)
    return ops.where(x >= gamma / 2, ops.ones_like(x), inside)


@keras.saving.register_keras_serializable(package="keras_mtl")
class DSelectKGate(keras.layers.Layer):
    """Weights of experts, of which at most `k` end up above 0.

    Each of `k` selectors holds a binary number, made of smooth steps, and
    chooses the expert of that number; a softmax weighs the selectors.

    Args:
        num_experts: Number of experts, 2 or more.
        k: Largest number of experts to use, at least 1.
        gamma: Width of the smooth step, above 0.
        entropy_weight: Strength of the layer's loss: the entropy of each
            selector, which drives it to one expert. Where `num_experts` is no
            power of two, also the inverse of the share that falls on experts
            that exist.
        per_example: Whether the choice depends on the input. `False`: one
            choice for all samples.
        seed: Seed of the initial binary numbers.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If an argument is out of its range.

    Input shape: `(batch, features)`.
    Output shape: `(batch, num_experts)`, in [0, 1]; rows sum to 1 if
    `num_experts` is a power of two, and to 1 in the end otherwise.

    Reference:
        [Hazimeh et al., 2021](https://arxiv.org/abs/2106.03760)
    """

    def __init__(
        self,
        num_experts: int,
        k: int = 2,
        gamma: float = 1.0,
        entropy_weight: float = 1e-6,
        per_example: bool = True,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if num_experts < 2 or k < 1 or gamma <= 0 or entropy_weight < 0:
            raise ValueError(
                "`num_experts` must be 2 or more, `k` 1 or more, `gamma` "
                "above 0 and `entropy_weight` 0 or more. Received: "
                f"num_experts={num_experts!r}, k={k!r}, gamma={gamma!r}, "
                f"entropy_weight={entropy_weight!r}."
            )
        self.num_experts = num_experts
        self.k = k
        self.gamma = gamma
        self.entropy_weight = entropy_weight
        self.per_example = per_example
        self.seed = seed
        self.num_bits = math.ceil(math.log2(num_experts))
        # Bit j of expert i: shape (num_experts, num_bits).
        numbers = np.arange(num_experts)[:, None]
        self._codes = (numbers >> np.arange(self.num_bits)) % 2 == 1

    def build(self, input_shape: Shape) -> None:
        """Makes the binary numbers and the weights of the selectors."""
        limit = self.gamma / 100
        small = keras.initializers.RandomUniform(-limit, limit, self.seed)
        shape: tuple[int, ...] = (self.k, self.num_bits)
        weights: tuple[int, ...] = (self.k,)
        if self.per_example:
            size = int(input_shape[-1] or 0)
            shape, weights = (size, self.k * self.num_bits), (size, self.k)
        self.numbers = self.add_weight(shape, small, name="numbers")
        # One selector alone needs no weight.
        if self.k == 1:
            return
        self.selectors = self.add_weight(
            weights,
            keras.initializers.GlorotUniform(self.seed)
            if self.per_example
            else "zeros",
            name="selectors",
        )

    def call(self, inputs: Tensor) -> Tensor:
        """Weights of the experts; adds the layer's loss."""
        batch = ops.shape(inputs)[0]
        numbers = self._read(inputs, self.numbers)
        shape = (-1, self.k, 1, self.num_bits)
        steps = smooth_step(ops.reshape(numbers, shape), self.gamma)
        bits = ops.where(self._codes, steps, 1.0 - steps)
        chosen = ops.prod(bits, axis=-1)
        self.add_loss(self.entropy_weight * self._penalty(chosen))
        mixed = chosen[:, 0]
        if self.k > 1:
            weights = self._read(inputs, self.selectors)
            weights = ops.reshape(weights, (-1, self.k, 1))
            mixed = ops.sum(ops.softmax(weights, axis=1) * chosen, axis=1)
        return ops.broadcast_to(mixed, (batch, self.num_experts))

    def _read(self, inputs: Tensor, variable: Tensor) -> Tensor:
        """What depends on the sample, or is the same for all."""
        return ops.matmul(inputs, variable) if self.per_example else variable

    def _penalty(self, chosen: Tensor) -> Tensor:
        """Mean over the samples, float scalar."""
        chosen = ops.cast(chosen, "float32")
        tiny = keras.config.epsilon()
        entropy = -ops.sum(chosen * ops.log(chosen + tiny), axis=-1)
        if self.num_experts != 2**self.num_bits:
            entropy = entropy + 1.0 / (ops.sum(chosen, axis=-1) + tiny)
        return ops.mean(ops.sum(entropy, axis=-1))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """One weight for each expert."""
        return (input_shape[0], self.num_experts)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "num_experts": self.num_experts,
            "k": self.k,
            "gamma": self.gamma,
            "entropy_weight": self.entropy_weight,
            "per_example": self.per_example,
            "seed": self.seed,
        }
