"""Adam on the few numbers of a weighting, absent tasks left alone."""

from __future__ import annotations

from keras import ops

from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting


class Adam:
    """Steps on one number per task, with state in the weighting.

    Every task counts its own steps, so that one that is absent stays as it
    is.

    Args:
        weighting: A weighting with `tasks`; its variables hold the state.
        learning_rate: Length of the steps, positive.
        beta_1: Decay of the mean gradient.
        beta_2: Decay of the mean squared gradient.
        epsilon: Added to the root of the latter, in units of the gradient.
    """

    def __init__(
        self,
        weighting: Weighting,
        learning_rate: float,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        self.learning_rate = learning_rate
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.mean = weighting.add_state("adam_mean")
        self.square = weighting.add_state("adam_square")
        self.steps = weighting.add_state("adam_steps")

    def change(self, slope: Tensor, mask: Tensor) -> Tensor:
        """Advances the state, and says by how much to change the numbers.

        Args:
            slope: Float tensor, shape `(num_tasks,)`: gradient.
            mask: Boolean tensor, shape `(num_tasks,)`: which tasks step.

        Returns:
            Float tensor, shape `(num_tasks,)`: zero where masked.
        """
        old = [
            ops.convert_to_tensor(variable)
            for variable in (self.mean, self.square, self.steps)
        ]
        slope = ops.where(mask, slope, 0.0)
        steps = old[2] + 1.0
        mean = self.beta_1 * old[0] + (1.0 - self.beta_1) * slope
        square = self.beta_2 * old[1] + (1.0 - self.beta_2) * slope**2
        variables = (self.mean, self.square, self.steps)
        for variable, new, before in zip(
            variables, (mean, square, steps), old, strict=True
        ):
            variable.assign(ops.where(mask, new, before))
        mean = mean / (1.0 - self.beta_1**steps)
        root = ops.sqrt(square / (1.0 - self.beta_2**steps))
        change = -self.learning_rate * mean / (root + self.epsilon)
        return ops.where(mask, change, 0.0)
