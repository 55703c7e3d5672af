"""Epoch means of the task losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
from keras import ops

from keras_mtl.aggregators.base import state_dtype
from keras_mtl.typing import Tensor


class TaskLosses(keras.metrics.Metric):
    """Means of the task losses over labelled elements, and their total.

    Results: `<task>_loss` for each task and `loss`, the sum of the task means
    times their constant loss weights, plus the mean of the layers' losses.
    A task is averaged over the elements that have a label, so that the values
    do not depend on how labels fall into batches. (A loss that sums over its
    batch is the mean of the batch sums, weighted by labelled elements.) In a
    scheme of several phases the layers' losses count once per phase that
    reaches the layer, as they do in what is minimised.

    Args:
        tasks: Names of the tasks, sorted.
        loss_weights: Task to constant factor; 1 by default.
        name: Name of the metric.
    """

    def __init__(
        self,
        tasks: Sequence[str],
        loss_weights: Mapping[str, float],
        name: str = "task_losses",
    ) -> None:
        super().__init__(name=name, dtype=state_dtype())
        self.tasks = tuple(tasks)
        self.factors = [loss_weights.get(task, 1.0) for task in tasks]
        shape = (len(tasks),)
        self.total = self.add_variable(shape, "zeros", name="total")
        self.count = self.add_variable(shape, "zeros", name="count")
        self.extra = self.add_variable((2,), "zeros", name="extra")

    def update_state(
        self, losses: Tensor, counts: Tensor, extra: Tensor
    ) -> None:
        """Adds one batch.

        Args:
            losses: Float tensor, shape `(num_tasks,)`.
            counts: Float tensor, shape `(num_tasks,)`: labelled elements.
            extra: Float scalar: losses of the layers.
        """
        losses = ops.cast(losses, self.dtype)
        counts = ops.cast(counts, self.dtype)
        # The mean over no elements (of a replica) is not a number.
        total = ops.where(counts > 0, losses * counts, 0.0)
        self.total.assign_add(total)
        self.count.assign_add(counts)
        one = ops.ones((), self.dtype)
        self.extra.assign_add(ops.stack([ops.cast(extra, self.dtype), one]))

    def result(self) -> dict[str, Tensor]:
        """`loss`, then `<task>_loss` for each task."""
        means = ops.divide_no_nan(self.total.value, self.count.value)
        extra = ops.divide_no_nan(self.extra[0], self.extra[1])
        factors = ops.convert_to_tensor(self.factors, self.dtype)
        results = {"loss": ops.sum(means * factors) + extra}
        for index, task in enumerate(self.tasks):
            results[f"{task}_loss"] = means[index]
        return results
