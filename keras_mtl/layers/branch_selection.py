"""A choice among branches that gradient descent can make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtl.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class BranchSelection(keras.layers.Layer):
    """Reads one of several branches; which one is learned.

    In training it draws a mixture from the Gumbel-softmax distribution of its
    logits: nearly even at a high `temperature`, nearly one branch at a low
    one. Otherwise it reads the likeliest branch alone.

    Args:
        temperature: Initial temperature, above 0, dimensionless. The callback
            `AnnealTemperature` lowers it.
        seed: Seed of the draws.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `temperature` is not above 0.

    Input: a list of tensors, all of shape `(batch, ..., channels)`.
    Output shape: `(batch, ..., channels)`.

    Reference:
        [Guo et al., 2020](https://arxiv.org/abs/2006.01895)
    """

    def __init__(
        self, temperature: float = 5.0, seed: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if temperature <= 0:
            raise ValueError(
                "`temperature` must be above 0. Received: "
                f"temperature={temperature!r}."
            )
        self.initial_temperature = temperature
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Sequence[Shape]) -> None:
        """Makes the logits, even at first, and the temperature."""
        self.logits = self.add_weight(
            (len(input_shape),), "zeros", name="logits"
        )
        self.temperature = self.add_weight(
            (),
            keras.initializers.Constant(self.initial_temperature),
            trainable=False,
            name="temperature",
        )

    @property
    def chosen(self) -> int:
        """Index of the likeliest branch."""
        return int(np.argmax(ops.convert_to_numpy(self.logits)))

    def call(
        self, inputs: Sequence[Tensor], training: bool | None = None
    ) -> Tensor:
        """Mixes in training, chooses otherwise."""
        weights = self._drawn() if training else self._likeliest()
        parts = [
            ops.cast(weights[index], branch.dtype) * branch
            for index, branch in enumerate(inputs)
        ]
        return sum(parts[1:], parts[0])

    def _drawn(self) -> Tensor:
        logits = ops.cast(self.logits, "float32")
        if logits.shape[0] == 1:
            return ops.ones((1,))
        tiny = 1e-7
        uniform = keras.random.uniform(
            logits.shape, tiny, 1.0 - tiny, seed=self.generator
        )
        noise = -ops.log(-ops.log(uniform))
        temperature = ops.cast(self.temperature, "float32")
        return ops.softmax((ops.log_softmax(logits) + noise) / temperature)

    def _likeliest(self) -> Tensor:
        logits = ops.convert_to_tensor(self.logits)
        return ops.one_hot(ops.argmax(logits), logits.shape[0])

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """The shape of a branch."""
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "temperature": self.initial_temperature,
            "seed": self.seed,
        }
