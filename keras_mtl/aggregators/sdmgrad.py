"""SDMGrad: the min-norm direction, drawn towards a preferred one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.convex import ConvexAggregator
from keras_mtl.aggregators.preference import PreferenceAggregator
from keras_mtl.aggregators.solvers import (
    WORK,
    all_present,
    kept,
    one_over,
    per_task,
    project_on_simplex,
    shares,
)
from keras_mtl.typing import Shape, Tensor


def sdmgrad_weights(
    gram: Tensor,
    convex: Tensor,
    present: Tensor | None = None,
    preference: Tensor | None = None,
    attraction: float = 0.3,
    num_steps: int = 20,
    learning_rate: float = 5.0,
    momentum: float = 0.5,
) -> Tensor:
    """Convex weights after projected descent on the regularised length.

    Descends `|sum(w_i g_i) + attraction * g_0|**2 / 2` over the simplex, on a
    Gram matrix divided by the squared mean length of the gradients.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        convex: Float tensor, shape `(num_tasks,)`: where to start.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        preference: Non-negative float tensor, shape `(num_tasks,)`: shares
            in the direction `g_0`; `None` for the mean gradient.
        attraction: Weight of `g_0`, at least 0.
        num_steps: Number of steps.
        learning_rate: Of the descent.
        momentum: Of the descent.

    Returns:
        Float tensor, shape `(num_tasks,)`: non-negative, sums to 1.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Xiao et al., 2023](https://arxiv.org/abs/2305.18409)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        share = shares(present, preference)
        mask = ops.cast(present, WORK)
        norms = ops.sqrt(ops.maximum(ops.diagonal(gram), 0.0))
        mean = ops.sum(norms) * one_over(ops.sum(mask))
        gram = gram * one_over(mean**2)
        towards = attraction * ops.matmul(gram, share)

        def descend(step: Tensor, state: Any) -> tuple[Tensor, Tensor]:
            weights, velocity = state
            slope = ops.matmul(gram, weights) + towards
            velocity = momentum * velocity + slope
            weights = weights - learning_rate * velocity
            return project_on_simplex(weights, present), velocity

        start = project_on_simplex(ops.cast(convex, WORK), present)
        state = (start, ops.zeros_like(start))
        return ops.fori_loop(0, num_steps, descend, state)[0]

    return per_task(solve, gram, present)


@keras.saving.register_keras_serializable(package="keras_mtl")
class SDMGrad(PreferenceAggregator, ConvexAggregator):
    """Stochastic multi-objective descent drawn to a preferred direction.

    The convex weights go on from step to step. The update itself is that of
    the whole batch. Its native scale is that of a convex combination.

    Args:
        preference: Shares in the preferred direction; the mean gradient by
            default. See `PreferenceAggregator`.
        attraction: Weight of that direction (lambda), at least 0.
        num_steps: Steps of the weights per training step, at least 1.
        learning_rate: Of the weights, positive.
        momentum: Of the weights, in [0, 1).
        independent: Whether the products of gradients are taken between two
            halves of the batch, whose noise is independent (as published,
            with batches of their own): as many samples pass, but twice the
            gradients are held. At a representation it is not done.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = "Xiao et al., 2023, https://arxiv.org/abs/2305.18409"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def __init__(
        self,
        preference: Any = None,
        attraction: float = 0.3,
        num_steps: int = 20,
        learning_rate: float = 5.0,
        momentum: float = 0.5,
        independent: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(preference=preference, **kwargs)
        if attraction < 0.0 or num_steps < 1 or learning_rate <= 0.0:
            raise ValueError(
                "`attraction` must be at least 0, `num_steps` at least 1 and "
                f"`learning_rate` positive. Received: attraction={attraction}, "
                f"num_steps={num_steps}, learning_rate={learning_rate}."
            )
        if not 0.0 <= momentum < 1.0:
            raise ValueError(
                "`momentum` must be at least 0 and below 1. Received: "
                f"momentum={momentum!r}."
            )
        self.attraction = attraction
        self.num_steps = num_steps
        self.learning_rate = learning_rate
        self.momentum = momentum
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
        """Convex weights mixed with the preference."""
        gram = ops.convert_to_tensor(gram)
        num_tasks = self.num_tasks(gram)
        if not self.built:
            self.build_state(num_tasks, [])
        convex = ops.convert_to_tensor(self.convex)
        found = sdmgrad_weights(
            gram,
            convex,
            present,
            self.values(),
            self.attraction,
            self.num_steps,
            self.learning_rate,
            self.momentum,
        )
        mask = all_present(present, num_tasks)
        self.convex.assign(kept(convex, found, mask))
        share = shares(mask, self.values(), gram.dtype)
        return (found + self.attraction * share) / (1.0 + self.attraction)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "attraction": self.attraction,
            "num_steps": self.num_steps,
            "learning_rate": self.learning_rate,
            "momentum": self.momentum,
            "independent": self.independent,
        }
