"""Means of what a step can tell about its task gradients."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import keras
from keras import ops

from keras_mtl.typing import Tensor


class Telemetry(keras.metrics.Metric):
    """Running means of norms, cosines and weights of one phase.

    All follow from the Gram matrix and the weights, so measuring them costs a
    few operations on `(num_tasks, num_tasks)` tensors. Tags:
    `gradient_norm/<task>`, `gradient_norm/combined`, `cosine/<a>/<b>`,
    `conflict/fraction` (share of pairs with a negative cosine, in [0, 1]),
    `alignment/<task>` (cosine of the combined gradient and the task's) and
    `weight/<task>`.

    Args:
        tasks: Names of the tasks, sorted.
        gradients: Whether there is a Gram matrix, or only weights.
        suffix: Appended to the tags that belong to no task, where a step has
            several phases.
        name: Name of the metric.
    """

    def __init__(
        self,
        tasks: Sequence[str],
        gradients: bool = True,
        suffix: str = "",
        name: str = "telemetry",
    ) -> None:
        super().__init__(name=name, dtype="float32")
        self.tasks = tuple(tasks)
        self.gradients = gradients
        self.tags = self._tags(suffix)
        self.total = self.add_variable((len(self.tags),), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def _tags(self, suffix: str) -> list[str]:
        tags = [f"weight/{task}" for task in self.tasks]
        if not self.gradients:
            return tags
        pairs = itertools.combinations(self.tasks, 2)
        return [
            *tags,
            *(f"gradient_norm/{task}" for task in self.tasks),
            *(f"alignment/{task}" for task in self.tasks),
            f"gradient_norm/combined{suffix}",
            f"conflict/fraction{suffix}",
            *(f"cosine/{a}/{b}" for a, b in pairs),
        ]

    def update_state(
        self,
        weights: Tensor,
        gram: Tensor | None = None,
        factors: Tensor | None = None,
    ) -> None:
        """Adds one step.

        Args:
            weights: Float tensor, shape `(num_tasks,)`: weights of the
                gradients whose Gram matrix is `gram`.
            gram: Float tensor, shape `(num_tasks, num_tasks)`.
            factors: Float tensor, shape `(num_tasks,)`: weights of the losses
                in those gradients; `weight/<task>` is the product.
        """
        weights = ops.cast(weights, "float32")
        values = weights
        if factors is not None:
            values = weights * ops.cast(factors, "float32")
        if self.gradients:
            gram = ops.cast(gram, "float32")
            values = ops.concatenate([values, self._geometry(weights, gram)])
        self.total.assign_add(values)
        self.count.assign_add(1.0)

    def _geometry(self, weights: Tensor, gram: Tensor) -> Tensor:
        norms = ops.sqrt(ops.diagonal(gram))
        outer = ops.expand_dims(norms, 0) * ops.expand_dims(norms, 1)
        cosines = ops.divide_no_nan(gram, outer)
        products = ops.matmul(gram, weights)
        combined = ops.sqrt(ops.maximum(ops.sum(weights * products), 0.0))
        alignment = ops.divide_no_nan(products, norms * combined)
        rows = [a for a, b in self._pairs()]
        columns = [b for a, b in self._pairs()]
        pairs = ops.take(
            ops.reshape(cosines, (-1,)),
            [
                a * len(self.tasks) + b
                for a, b in zip(rows, columns, strict=True)
            ],
        )
        conflict = ops.mean(ops.cast(pairs < 0, "float32"))
        summary = ops.stack([combined, conflict])
        return ops.concatenate([norms, alignment, summary, pairs])

    def _pairs(self) -> list[tuple[int, int]]:
        return list(itertools.combinations(range(len(self.tasks)), 2))

    def result(self) -> dict[str, Tensor]:
        """Tag to the mean since the last reset; empty before any step."""
        if not self.tags:
            return {}
        means = ops.divide_no_nan(self.total.value, self.count.value)
        return dict(zip(self.tags, ops.unstack(means), strict=True))


class TelemetryGroup:
    """What the phases of a trainer measured, as one.

    Args:
        members: Telemetry of each phase that measures.
    """

    def __init__(self, members: Sequence[Telemetry]) -> None:
        self.members = list(members)

    def result(self) -> dict[str, float]:
        """Tag to the mean since the last reset."""
        return {
            tag: float(ops.convert_to_numpy(value))
            for member in self.members
            for tag, value in member.result().items()
        }

    def reset(self) -> None:
        """Forgets everything measured so far."""
        for member in self.members:
            member.reset_state()
