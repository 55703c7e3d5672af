"""Random weights: the baseline that methods have to beat."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, Reads
from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor


def random_weights(normal: Tensor, present: Tensor | None = None) -> Tensor:
    """Softmax of normal random numbers over the present tasks.

    Args:
        normal: Float tensor, shape `(num_tasks,)`: standard normal numbers.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Float tensor, shape `(num_tasks,)`: positive, sums to 1.

    Reference:
        [Lin et al., 2022](https://arxiv.org/abs/2111.10603)
    """
    normal = ops.convert_to_tensor(normal)
    mask = ops.cast(all_present(present, normal.shape[0]), normal.dtype)
    positive = ops.exp(normal - ops.max(normal)) * mask
    return ops.divide_no_nan(positive, ops.sum(positive))


@keras.saving.register_keras_serializable(package="keras_mtl")
class Random(Aggregator):
    """Draws new convex weights at every step.

    Its native scale is that of a convex combination.

    Args:
        seed: Integer seed of the weights.
        **kwargs: Arguments of `Aggregator`.
    """

    reads: ClassVar[Reads] = "nothing"
    paper: ClassVar[str] = "Lin et al., 2022, https://arxiv.org/abs/2111.10603"
    guarantees: ClassVar[frozenset[str]] = frozenset({"scale-equivariant"})

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Fresh weights. See `random_weights`."""
        shape = (self.num_tasks(gram),)
        normal = keras.random.normal(shape, dtype=self.dtype, seed=self.random)
        return random_weights(normal, present)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "seed": self.seed}
