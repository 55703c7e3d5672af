"""GradVac: gradients are made as similar as they usually are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, Granularity
from keras_mtl.aggregators.solvers import (
    WORK,
    all_present,
    clean_gram,
    one_over,
    outer,
)
from keras_mtl.typing import Shape, Tensor

# A target cosine of 1 could only be met by dropping the task's own gradient.
HIGHEST_TARGET = 0.9999
# Above this many tasks a graph loop is lighter than an unrolled one.
UNROLL = 8


def _amount(cosine: Tensor, target: Tensor) -> Tensor:
    """How much of one unit vector to add to another for a target cosine."""
    sine = ops.sqrt(1.0 - cosine**2)
    amount = sine * target / ops.sqrt(1.0 - target**2) - cosine
    return ops.where(cosine < target, amount, 0.0)


def gradvac_weights(
    grams: Tensor, targets: Tensor, order: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Weights of the sum of the vaccinated gradients, and the cosines met.

    Where the cosine of two gradients is below its target, the second is added
    to the first until the target is met.

    Args:
        grams: Float tensor, shape `(num_blocks, num_tasks, num_tasks)`: inner
            products of the task gradients in each block of variables, zero
            for absent tasks.
        targets: Float tensor of the same shape: wanted cosines.
        order: Integer tensor, shape `(num_tasks, num_tasks)`: in which order
            task `i` meets the others, a permutation in each row. `None` is
            the order of the tasks.

    Returns:
        Weights, shape `(num_blocks, num_tasks)`, and the cosines of each
        (already altered) gradient with the others as it met them, of the
        shape of `grams`.

    Reference:
        [Wang et al., 2021](https://arxiv.org/abs/2010.05874)
    """
    num_tasks = grams.shape[-1]
    squares = ops.diagonal(grams, axis1=-2, axis2=-1)
    norms = ops.sqrt(ops.maximum(squares, 0.0))
    eye = ops.eye(num_tasks, dtype=grams.dtype)
    wanted = ops.clip(targets, -1.0, HIGHEST_TARGET)

    def meet(position: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        weights, products, lengths, met = state
        if order is None:
            column = ops.full((num_tasks,), position, "int32")
        else:
            column = ops.cast(ops.take(order, position, axis=1), "int32")
        chosen = ops.one_hot(column, num_tasks, dtype=grams.dtype)
        others = chosen * (1.0 - eye)
        product = ops.sum(products * others, -1)
        other = ops.sum(norms[:, None, :] * others, -1)
        length = ops.sqrt(ops.maximum(lengths, 0.0))
        cosine = product * one_over(length * other)
        cosine = ops.clip(cosine, -1.0, 1.0)
        target = ops.sum(wanted * others, -1)
        amount = _amount(cosine, target) * length * one_over(other)
        lengths = lengths + amount * (2.0 * product + amount * other**2)
        # Of those who meet themselves nothing is added.
        rows = ops.take(grams, column, axis=-2)
        return (
            weights + amount[..., None] * others,
            products + amount[..., None] * rows,
            lengths,
            met + cosine[..., None] * others,
        )

    start = ops.broadcast_to(eye, grams.shape)
    state = (start, grams, squares, ops.zeros_like(grams))
    if num_tasks <= UNROLL:
        for position in range(num_tasks):
            state = meet(position, state)
    else:
        state = ops.fori_loop(0, num_tasks, meet, state)
    return ops.sum(state[0], axis=-2), state[3]


@keras.saving.register_keras_serializable(package="keras_mtl")
class GradVac(Aggregator):
    """Aligns gradients up to moving averages of their cosines, and sums.

    With all targets at 0 (the first step) it is PCGrad. Its native scale is
    that of a sum.

    Args:
        beta: Rate of the moving averages, in [0, 1].
        group: Over which variables cosines are taken: the `"whole"` model,
            each `"layer"` or each `"matrix"`.
        order: `"shuffled"` (as published) or `"given"`, as in `PCGrad`.
        seed: Integer seed of the orders.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If an option is out of range.
    """

    paper: ClassVar[str] = "Wang et al., 2021, https://arxiv.org/abs/2010.05874"
    guarantees: ClassVar[frozenset[str]] = frozenset({"scale-equivariant"})

    def __init__(
        self,
        beta: float = 0.5,
        group: Granularity = "whole",
        order: Literal["shuffled", "given"] = "shuffled",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= beta <= 1.0:
            raise ValueError(
                f"`beta` must be between 0 and 1. Received: beta={beta!r}."
            )
        if group not in ("whole", "layer", "matrix"):
            raise ValueError(
                "`group` must be 'whole', 'layer' or 'matrix'. Received: "
                f"group={group!r}."
            )
        if order not in ("shuffled", "given"):
            raise ValueError(
                "`order` must be 'shuffled' (drawn from the seed at every "
                "step) or 'given' (the order of the tasks' names). "
                f"Received: order={order!r}."
            )
        self.beta = beta
        self.group = group
        self.order = order
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    @property
    def granularity(self) -> Granularity:
        """The `group`."""
        return self.group

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the targets."""
        self.targets = self.add_weight(
            (num_blocks, num_tasks, num_tasks),
            "zeros",
            trainable=False,
            name="targets",
        )
        super().build_state(num_tasks, shapes, num_blocks)

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`T`: the length of a sum."""
        return num_present

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights for a single block. See `gradvac_weights`."""
        grams = ops.expand_dims(ops.convert_to_tensor(gram), 0)
        return self.block_weights(grams, present, losses)[0]

    def block_weights(
        self,
        grams: Tensor,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights for each block, all at once. See `gradvac_weights`."""
        num_tasks = self.num_tasks(grams[0])
        if not self.built:
            self.build_state(num_tasks, [], grams.shape[0])
        order = None
        if self.order == "shuffled" and num_tasks > 2:
            shape = (num_tasks, num_tasks)
            order = ops.argsort(keras.random.uniform(shape, seed=self.random))
        present = all_present(present, num_tasks)
        clean = clean_gram(grams, present)
        finite = ops.all(ops.isfinite(clean))
        clean = ops.cast(ops.where(finite, clean, ops.zeros_like(clean)), WORK)
        squares = ops.diagonal(clean, axis1=-2, axis2=-1)
        largest = ops.max(squares, axis=-1)[:, None, None]
        targets = ops.convert_to_tensor(self.targets)
        weights, cosines = gradvac_weights(
            clean * one_over(largest), ops.cast(targets, WORK), order
        )
        moved = ops.cast(cosines, targets.dtype)
        moved = (1.0 - self.beta) * targets + self.beta * moved
        self.targets.assign(ops.where(outer(squares > 0.0), moved, targets))
        weights = weights * ops.cast(present, WORK)
        weights = ops.where(finite, weights, float("nan"))
        return ops.cast(weights, grams.dtype)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "beta": self.beta,
            "group": self.group,
            "order": self.order,
            "seed": self.seed,
        }
