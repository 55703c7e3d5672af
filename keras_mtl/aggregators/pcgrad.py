"""PCGrad: projects conflicting gradients on each other's normal plane."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.solvers import WORK, one_over, per_task
from keras_mtl.typing import Tensor

# Above this many tasks a graph loop is lighter than an unrolled one.
UNROLL = 8


def pcgrad_weights(
    gram: Tensor, present: Tensor | None = None, order: Tensor | None = None
) -> Tensor:
    """Weights of the sum of the gradients after projecting conflicts away.

    Each task's gradient is projected in turn onto the normal plane of every
    other task's original gradient that it conflicts with. Only coefficients
    are updated: no gradient is needed.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        order: Integer tensor, shape `(num_tasks, num_tasks)`: in which order
            task `i` meets the others, a permutation in each row. `None` is
            the order of the tasks.

    Returns:
        Float tensor, shape `(num_tasks,)`: non-negative, at least 1 for
        present tasks.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Yu et al., 2020](https://arxiv.org/abs/2001.06782)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        num_tasks = gram.shape[0]
        eye = ops.eye(num_tasks, dtype=WORK)
        inverse = one_over(ops.diagonal(gram))

        def project(position: Tensor, coefficients: Tensor) -> Tensor:
            if order is None:
                met = ops.full((num_tasks,), position, "int32")
            else:
                met = ops.cast(ops.take(order, position, axis=1), "int32")
            chosen = ops.one_hot(met, num_tasks, dtype=WORK)
            columns = ops.take(gram, met, axis=0)
            products = ops.sum(coefficients * columns, -1, keepdims=True)
            conflict = ops.minimum(products, 0.0)
            return coefficients - conflict * inverse * chosen * (1.0 - eye)

        coefficients = eye
        if num_tasks <= UNROLL:
            for position in range(num_tasks):
                coefficients = project(position, coefficients)
        else:
            coefficients = ops.fori_loop(0, num_tasks, project, eye)
        mask = ops.cast(present, WORK)
        return ops.matmul(mask, coefficients)

    return per_task(solve, gram, present)


@keras.saving.register_keras_serializable(package="keras_mtl")
class PCGrad(Aggregator):
    """Removes from each gradient what conflicts with the others, and sums.

    Use it when tasks of similar size pull in opposite directions. Its native
    scale is that of a sum.

    Args:
        order: `"shuffled"`, each task meets the others in a fresh random
            order at every step (as published), or `"given"`, in the order
            of the tasks' names.
        seed: Integer seed of the orders.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If `order` is unknown.
    """

    paper: ClassVar[str] = "Yu et al., 2020, https://arxiv.org/abs/2001.06782"
    guarantees: ClassVar[frozenset[str]] = frozenset({"scale-equivariant"})

    def __init__(
        self,
        order: Literal["shuffled", "given"] = "shuffled",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if order not in ("shuffled", "given"):
            raise ValueError(
                "`order` must be 'shuffled' (drawn from the seed at every "
                "step) or 'given' (the order of the tasks' names). "
                f"Received: order={order!r}."
            )
        self.order = order
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`T`: the length of a sum."""
        return num_present

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights after the projections. See `pcgrad_weights`."""
        num_tasks = self.num_tasks(gram)
        order = None
        # Two tasks have one order only.
        if self.order == "shuffled" and num_tasks > 2:
            shape = (num_tasks, num_tasks)
            order = ops.argsort(keras.random.uniform(shape, seed=self.random))
        return pcgrad_weights(gram, present, order)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        config = super().get_config()
        return {**config, "order": self.order, "seed": self.seed}
