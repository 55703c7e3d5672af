"""DB-MTL: tracked gradients are stretched to the longest."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.solvers import one_over, per_task
from keras_mtl.aggregators.tracked import TrackedGradients
from keras_mtl.typing import Tensor


def db_mtl_weights(gram: Tensor, present: Tensor | None = None) -> Tensor:
    """Weights that give every gradient the length of the longest.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the (averaged) task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Float tensor, shape `(num_tasks,)`: at least 1; 0 for zero gradients.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Lin et al., 2023](https://arxiv.org/abs/2308.12029)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        norms = ops.sqrt(ops.maximum(ops.diagonal(gram), 0.0))
        return ops.max(norms) * one_over(norms)

    return per_task(solve, gram, present)


@keras.saving.register_keras_serializable(package="keras_mtl")
class DBMTL(TrackedGradients):
    """Balances the lengths of averaged gradients.

    The gradient half of Dual-Balancing MTL; combine it with the `Log`
    weighting, its loss half, for the published method. Its native scale is
    that of a sum. It costs `T` times the memory of the shared variables.

    Args:
        beta: Share of the average that stays at the first step, in [0, 1);
            with 0 the gradients are not averaged.
        decay: That share falls as `step ** -decay`, at least 0.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = "Lin et al., 2023, https://arxiv.org/abs/2308.12029"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def __init__(
        self, beta: float = 0.9, decay: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= beta < 1.0 or decay < 0.0:
            raise ValueError(
                "`beta` must be at least 0 and below 1, and `decay` at least "
                f"0. Received: beta={beta!r}, decay={decay!r}."
            )
        self.beta = beta
        self.decay = decay

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`T`: the length of a sum."""
        return num_present

    def rate(self, step: Tensor) -> Tensor:
        """`1 - beta * step ** -decay`."""
        return 1.0 - self.beta * step**-self.decay

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Balancing weights. See `db_mtl_weights`."""
        self.num_tasks(gram)
        weights = db_mtl_weights(gram, present)
        self.count(present, ops.all(ops.isfinite(weights)))
        return weights

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "beta": self.beta, "decay": self.decay}
