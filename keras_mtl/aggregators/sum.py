"""The sum of the task gradients."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, Reads
from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor


def sum_weights(
    num_tasks: int, present: Tensor | None = None, dtype: str = "float32"
) -> Tensor:
    """One for every present task.

    Args:
        num_tasks: Number of tasks.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        dtype: Dtype of the weights.

    Returns:
        Tensor, shape `(num_tasks,)`.
    """
    return ops.cast(all_present(present, num_tasks), dtype)


@keras.saving.register_keras_serializable(package="keras_mtl")
class Sum(Aggregator):
    """Adds the task gradients, as training on the summed losses does.

    The baseline: one backward pass whatever the number of tasks. Its native
    scale is that of a sum.

    Args:
        **kwargs: Arguments of `Aggregator`.
    """

    reads: ClassVar[Reads] = "nothing"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`T`: the length of a sum."""
        return num_present

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Ones. See `sum_weights`."""
        return sum_weights(self.num_tasks(gram), present, self.dtype)
