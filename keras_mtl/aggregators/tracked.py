"""Aggregators that replace gradients by moving averages of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from keras import ops

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Shape, Tensor


class TrackedGradients(Aggregator):
    """Keeps a moving average of every task's gradient. See `Aggregator`.

    It costs `T` times the memory of the shared variables. A subclass says in
    `rate` how far the averages move, and calls `count` once a step.

    Args:
        **kwargs: Arguments of `Aggregator`.
    """

    transforms: ClassVar[bool] = True
    # Averages of activations' gradients over different batches mean nothing.
    representation: ClassVar[bool] = False

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the averages and the count of steps."""
        self.steps = self.add_weight(
            (num_tasks,), "zeros", trainable=False, name="steps"
        )
        self.averages = [
            self.add_weight(
                (num_tasks, *shape),
                "zeros",
                trainable=False,
                name=f"average_{index}",
            )
            for index, shape in enumerate(shapes)
        ]
        super().build_state(num_tasks, shapes, num_blocks)

    def rate(self, step: Tensor) -> Tensor:
        """How far the averages move towards the gradients.

        Args:
            step: Float tensor, shape `(num_tasks,)`: batches with a label of
                each task so far, this one included; from 1.

        Returns:
            Float tensor of the same shape, in [0, 1].
        """
        raise NotImplementedError(
            f"{type(self).__name__} must override `rate(step)`."
        )

    def transform(
        self, stack: Tensor, index: int, present: Tensor | None = None
    ) -> Tensor:
        """Moves the averages of one variable and returns them."""
        num_tasks = stack.shape[0]
        shape = (num_tasks, *[1] * (len(stack.shape) - 1))
        average = ops.convert_to_tensor(self.averages[index])
        mask = ops.reshape(all_present(present, num_tasks), shape)
        stack = ops.where(mask, stack, ops.zeros_like(stack))
        gradient = ops.cast(stack, average.dtype)
        rate = ops.reshape(self.rate(self.steps + 1.0), shape)
        moved = average + rate * (gradient - average)
        usable = ops.logical_and(mask, ops.all(ops.isfinite(gradient)))
        self.averages[index].assign(ops.where(usable, moved, average))
        moved = ops.where(mask, moved, ops.zeros_like(moved))
        return ops.cast(moved, stack.dtype)

    def count(self, present: Tensor | None, finite: Tensor) -> None:
        """Counts a step of the present tasks, if all was finite."""
        mask = all_present(present, self.steps.shape[0])
        mask = ops.logical_and(mask, finite)
        self.steps.assign_add(ops.cast(mask, self.steps.dtype))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return super().get_config()
