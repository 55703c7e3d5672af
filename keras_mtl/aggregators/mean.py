"""The mean of the task gradients."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, Reads
from keras_mtl.aggregators.sum import sum_weights
from keras_mtl.typing import Tensor


def mean_weights(
    num_tasks: int, present: Tensor | None = None, dtype: str = "float32"
) -> Tensor:
    """The same share for every present task.

    Args:
        num_tasks: Number of tasks.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        dtype: Dtype of the weights.

    Returns:
        Tensor, shape `(num_tasks,)`, summing to 1 (to 0 with no task).
    """
    ones = sum_weights(num_tasks, present, dtype)
    return ops.divide_no_nan(ones, ops.sum(ones))


@keras.saving.register_keras_serializable(package="keras_mtl")
class Mean(Aggregator):
    """Averages the task gradients: `Sum` at `1 / T` of the learning rate.

    One backward pass whatever the number of tasks. Its native scale is that
    of a mean.

    Args:
        **kwargs: Arguments of `Aggregator`.
    """

    reads: ClassVar[Reads] = "nothing"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Equal shares. See `mean_weights`."""
        return mean_weights(self.num_tasks(gram), present, self.dtype)
