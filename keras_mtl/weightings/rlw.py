"""RLW: random weights, drawn anew at every step."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, get_args

import keras
from keras import ops

from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting, share_out

Distribution = Literal["normal", "uniform", "dirichlet", "bernoulli"]


def rlw_weights(positive: Tensor, present: Tensor | None = None) -> Tensor:
    """Positive random numbers, made to sum to the number of present tasks.

    Args:
        positive: Non-negative float tensor, shape `(num_tasks,)`.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Float tensor, shape `(num_tasks,)`. Equal weights if all are 0.

    Reference:
        [Lin et al., 2022](https://arxiv.org/abs/2111.10603)
    """
    positive = ops.convert_to_tensor(positive)
    return share_out(positive, all_present(present, positive.shape[0]))


@keras.saving.register_keras_serializable(package="keras_mtl")
class RLW(Weighting):
    """Random loss weighting: the baseline that weightings have to beat.

    The weights sum to the number of tasks.

    Args:
        distribution: `"normal"` and `"uniform"` numbers go through a softmax;
            `"dirichlet"` weights are uniform on the simplex; `"bernoulli"`
            keeps each task with probability 1/2, and all if none is kept.
        seed: Integer seed of the weights.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If `distribution` is unknown.
    """

    paper: ClassVar[str] = "Lin et al., 2022, https://arxiv.org/abs/2111.10603"

    def __init__(
        self,
        distribution: Distribution = "normal",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if distribution not in get_args(Distribution):
            raise ValueError(
                f"`distribution` must be one of {get_args(Distribution)}. "
                f"Received: distribution={distribution!r}."
            )
        self.distribution = distribution
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Fresh weights, summing to the number of present tasks."""
        return rlw_weights(self._draw((losses.shape[0],)), present)

    def _draw(self, shape: tuple[int, ...]) -> Tensor:
        options = {"dtype": self.dtype, "seed": self.random}
        if self.distribution == "normal":
            return ops.exp(keras.random.normal(shape, **options))
        uniform = keras.random.uniform(shape, **options)
        if self.distribution == "uniform":
            return ops.exp(uniform)
        if self.distribution == "bernoulli":
            return ops.cast(uniform < 0.5, self.dtype)
        # Exponential numbers, divided by their sum, are uniform on a simplex.
        return -ops.log1p(-uniform)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "distribution": self.distribution,
            "seed": self.seed,
        }
