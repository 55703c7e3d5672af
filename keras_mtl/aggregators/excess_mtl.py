"""ExcessMTL: tasks far from converged get more weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.solvers import all_present, clean_gram
from keras_mtl.typing import Shape, Tensor


def excess_mtl_weights(
    weights: Tensor,
    excess: Tensor,
    present: Tensor | None = None,
    step_size: float = 1e-2,
) -> Tensor:
    """One multiplicative update of the weights by the excess risks.

    Args:
        weights: Positive float tensor, shape `(num_tasks,)`: weights so far.
        excess: Float tensor, shape `(num_tasks,)`: estimated excess risks,
            relative to those at the first step.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        step_size: Of the update.

    Returns:
        Float tensor, shape `(num_tasks,)`: positive; those of the present
        tasks sum to their number.

    Reference:
        [He et al., 2024](https://arxiv.org/abs/2402.02009)
    """
    mask = ops.cast(all_present(present, weights.shape[0]), weights.dtype)
    change = step_size * excess
    change = change - ops.max(ops.where(mask > 0.0, change, -float("inf")))
    found = weights * ops.exp(ops.where(mask > 0.0, change, 0.0)) * mask
    total = ops.sum(found)
    return ops.divide_no_nan(found * ops.sum(mask), total)


@keras.saving.register_keras_serializable(package="keras_mtl")
class ExcessMTL(Aggregator):
    """Weighs tasks by how much of their risk can still be removed.

    The excess risk of a task is its squared gradient in the metric of
    Adagrad's accumulator. Weights sum to the number of tasks, so that its
    native scale is that of a sum. It costs `T` times the memory of the
    shared variables.

    Args:
        step_size: Of the weights' multiplicative updates, positive.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If `step_size` is not positive.
    """

    transforms: ClassVar[bool] = True
    # Accumulators of activations' gradients mean nothing.
    representation: ClassVar[bool] = False
    paper: ClassVar[str] = "He et al., 2024, https://arxiv.org/abs/2402.02009"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def __init__(self, step_size: float = 1e-2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if step_size <= 0.0:
            raise ValueError(
                "`step_size` must be positive. Received: "
                f"step_size={step_size!r}."
            )
        self.step_size = step_size

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the accumulators, the first risks and the weights."""

        def state(shape: Shape, start: str, name: str) -> keras.Variable:
            return self.add_weight(shape, start, trainable=False, name=name)

        self.last = state((num_tasks,), "ones", "last")
        self.risks = state((num_tasks,), "zeros", "risks")
        self.first = state((num_tasks,), "zeros", "first")
        self.accumulators = [
            state((num_tasks, *shape), "zeros", f"accumulator_{index}")
            for index, shape in enumerate(shapes)
        ]
        super().build_state(num_tasks, shapes, num_blocks)

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`T`: the weights sum to the number of tasks."""
        return num_present

    def transform(
        self, stack: Tensor, index: int, present: Tensor | None = None
    ) -> Tensor:
        """Accumulates squares and adds to the risks; changes no gradient."""
        num_tasks = stack.shape[0]
        accumulator = ops.convert_to_tensor(self.accumulators[index])
        shape = (num_tasks, *[1] * (len(stack.shape) - 1))
        mask = ops.reshape(all_present(present, num_tasks), shape)
        clean = ops.where(mask, stack, ops.zeros_like(stack))
        squares = ops.square(ops.cast(clean, accumulator.dtype))
        finite = ops.all(ops.isfinite(squares))
        squares = ops.where(finite, squares, ops.zeros_like(squares))
        total = accumulator + squares
        self.accumulators[index].assign(total)
        risk = ops.divide_no_nan(squares, ops.sqrt(total))
        risk = ops.sum(ops.reshape(risk, (num_tasks, -1)), axis=-1)
        before = 0.0 if index == 0 else self.risks
        self.risks.assign(before + risk)
        return stack

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights by excess risk. See `excess_mtl_weights`."""
        gram = ops.convert_to_tensor(gram)
        mask = all_present(present, self.num_tasks(gram))
        finite = ops.all(ops.isfinite(clean_gram(gram, present)))
        last, risks, first = map(
            ops.convert_to_tensor, (self.last, self.risks, self.first)
        )
        # A task's first risk is the unit of the later ones.
        known = first > 0.0
        excess = ops.where(known, ops.divide_no_nan(risks, first), 0.0)
        found = excess_mtl_weights(last, excess, mask, self.step_size)
        mask = ops.logical_and(mask, finite)
        self.last.assign(ops.where(mask, found, last))
        start = ops.logical_and(mask, ops.logical_not(known))
        self.first.assign(ops.where(start, risks, first))
        found = ops.where(finite, found, float("nan"))
        return ops.cast(found, gram.dtype)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "step_size": self.step_size}
