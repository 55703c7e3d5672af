"""MoDo: the weights descend the length of the combination, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.convex import ConvexAggregator
from keras_mtl.aggregators.solvers import (
    WORK,
    all_present,
    clean_gram,
    kept,
    project_on_simplex,
)
from keras_mtl.typing import Shape, Tensor


def modo_weights(
    gram: Tensor,
    convex: Tensor,
    present: Tensor | None = None,
    gamma: float = 1e-3,
    rho: float = 0.1,
) -> Tensor:
    """One step of the convex weights, projected on the simplex.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        convex: Float tensor, shape `(num_tasks,)`: the weights so far.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        gamma: Length of the step, in units of inverse squared gradients.
        rho: Pull to equal weights, at least 0, in squared-gradient units.

    Returns:
        Float tensor, shape `(num_tasks,)`: non-negative, sums to 1; not
        finite if `gram` is not.

    Reference:
        [Chen et al., 2023](https://arxiv.org/abs/2305.20057)
    """
    gram = ops.convert_to_tensor(gram)
    present = all_present(present, gram.shape[0])
    clean = ops.cast(clean_gram(gram, present), WORK)
    finite = ops.all(ops.isfinite(clean))
    clean = ops.where(finite, clean, ops.zeros_like(clean))
    start = project_on_simplex(ops.cast(convex, WORK), present)
    slope = ops.matmul(clean, start) + rho * start
    found = project_on_simplex(start - gamma * slope, present)
    found = ops.where(finite, found, float("nan"))
    return ops.cast(found, gram.dtype)


@keras.saving.register_keras_serializable(package="keras_mtl")
class MoDo(ConvexAggregator):
    """Min-norm weights followed by small steps, which noise averages out of.

    The update itself is that of the whole batch. Its native scale is that of
    a convex combination; `gamma` and `rho` are absolute, as published.

    Args:
        gamma: Length of the steps, positive.
        rho: Pull to equal weights, at least 0.
        independent: Whether the products of gradients are taken between two
            halves of the batch, whose noise is independent (as published,
            with batches of their own): as many samples pass, but twice the
            gradients are held. At a representation it is not done.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = "Chen et al., 2023, https://arxiv.org/abs/2305.20057"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"permutation-equivariant", "deterministic"}
    )

    def __init__(
        self,
        gamma: float = 1e-3,
        rho: float = 0.1,
        independent: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if gamma <= 0.0 or rho < 0.0:
            raise ValueError(
                "`gamma` must be positive and `rho` at least 0. Received: "
                f"gamma={gamma!r}, rho={rho!r}."
            )
        self.gamma = gamma
        self.rho = rho
        self._independent = independent

    @property
    def independent(self) -> bool:
        """The option of that name."""
        return self._independent

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the convex weights."""
        self.add_convex(num_tasks)
        super().build_state(num_tasks, shapes, num_blocks)

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """The convex weights after one step. See `modo_weights`."""
        num_tasks = self.num_tasks(gram)
        if not self.built:
            self.build_state(num_tasks, [])
        convex = ops.convert_to_tensor(self.convex)
        found = modo_weights(gram, convex, present, self.gamma, self.rho)
        self.convex.assign(kept(convex, found, all_present(present, num_tasks)))
        return found

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "gamma": self.gamma,
            "rho": self.rho,
            "independent": self.independent,
        }
