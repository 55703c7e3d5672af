"""MoCo: min-norm weights on tracked gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.convex import ConvexAggregator
from keras_mtl.aggregators.modo import modo_weights
from keras_mtl.aggregators.solvers import all_present, kept
from keras_mtl.aggregators.tracked import TrackedGradients
from keras_mtl.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class MoCo(TrackedGradients, ConvexAggregator):
    """Corrects the bias of stochastic min-norm weights by averaging.

    Gradients are replaced by moving averages, and the convex weights take
    one projected step a batch on the Gram matrix of the averages. Its native
    scale is that of a convex combination; `gamma` and `rho` are absolute, as
    published. It costs `T` times the memory of the shared variables.

    Args:
        beta: Rate of the averages at the first step, in (0, 1].
        beta_decay: The rate falls as `step ** -beta_decay`.
        gamma: Length of the weights' first step, positive.
        gamma_decay: It falls as `step ** -gamma_decay`.
        rho: Pull to equal weights, at least 0.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = (
        "Fernando et al., 2023, https://openreview.net/forum?id=dLAYGdKTi2"
    )
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"permutation-equivariant", "deterministic"}
    )

    def __init__(
        self,
        beta: float = 0.5,
        beta_decay: float = 0.5,
        gamma: float = 0.1,
        gamma_decay: float = 0.5,
        rho: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not 0.0 < beta <= 1.0:
            raise ValueError(
                "`beta` must be above 0 and at most 1. Received: "
                f"beta={beta!r}."
            )
        if gamma <= 0.0 or min(rho, beta_decay, gamma_decay) < 0.0:
            raise ValueError(
                "`gamma` must be positive, and `rho`, `beta_decay` and "
                f"`gamma_decay` at least 0. Received: gamma={gamma!r}, rho="
                f"{rho!r}, beta_decay={beta_decay!r}, gamma_decay="
                f"{gamma_decay!r}."
            )
        self.beta = beta
        self.beta_decay = beta_decay
        self.gamma = gamma
        self.gamma_decay = gamma_decay
        self.rho = rho

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the convex weights and the averages."""
        self.add_convex(num_tasks)
        super().build_state(num_tasks, shapes, num_blocks)

    def rate(self, step: Tensor) -> Tensor:
        """`beta * step ** -beta_decay`."""
        return self.beta * step**-self.beta_decay

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """The convex weights after one step. See `modo_weights`."""
        num_tasks = self.num_tasks(gram)
        mask = all_present(present, num_tasks)
        convex = ops.convert_to_tensor(self.convex)
        steps = ops.max(ops.where(mask, self.steps, 0.0)) + 1.0
        gamma = ops.cast(self.gamma * steps**-self.gamma_decay, "float64")
        found = modo_weights(gram, convex, present, gamma, self.rho)
        self.convex.assign(kept(convex, found, mask))
        self.count(present, ops.all(ops.isfinite(found)))
        return found

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "beta": self.beta,
            "beta_decay": self.beta_decay,
            "gamma": self.gamma,
            "gamma_decay": self.gamma_decay,
            "rho": self.rho,
        }
