"""Means of what a step can tell about its task gradients."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from keras_mtl.aggregators.base import state_dtype
from keras_mtl.typing import Tensor


class Telemetry(keras.metrics.Metric):
    """Running means of norms, cosines and weights of one phase.

    All follow from the Gram matrix and the weights, so measuring them costs a
    few operations on `(num_tasks, num_tasks)` tensors. Tags:
    `gradient_norm/<task>`, `gradient_norm/combined`, `cosine/<a>/<b>`,
    `conflict/fraction` (share of pairs with a negative cosine, in [0, 1]),
    `alignment/<task>` (cosine of the combined gradient and the task's),
    `weight/<task>`, and of methods that solve for their weights `residual`
    (relative; well above 1e-4 if the solver did not converge).

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
        super().__init__(name=name, dtype=state_dtype())
        self.tasks = tuple(tasks)
        self.gradients = gradients
        self.tags = self._tags(suffix)
        shape = (len(self.tags),)
        self.total = self.add_variable(shape, "zeros", name="total")
        self.count = self.add_variable(shape, "zeros", name="count")

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
            f"residual{suffix}",
            *(f"cosine/{a}/{b}" for a, b in pairs),
        ]

    def update_state(
        self,
        weights: Tensor,
        gram: Tensor | None = None,
        factors: Tensor | None = None,
        present: Tensor | None = None,
        residual: Tensor | None = None,
    ) -> None:
        """Adds one step, unless a value is not finite.

        Args:
            weights: Float tensor, shape `(num_tasks,)`: weights of the
                gradients whose Gram matrix is `gram`.
            gram: Float tensor, shape `(num_tasks, num_tasks)`.
            factors: Float tensor, shape `(num_tasks,)`: weights of the losses
                in those gradients; `weight/<task>` is the product.
            present: Boolean tensor, shape `(num_tasks,)`: the tasks to count;
                `None` means all.
            residual: Float scalar; `None` if the method has none.
        """
        weights = ops.cast(weights, self.dtype)
        if present is None:
            present = ops.ones(weights.shape, "bool")
        values, counted = weights, present
        if factors is not None:
            values = weights * ops.cast(factors, self.dtype)
        if self.gradients:
            gram = ops.cast(gram, self.dtype)
            geometry, valid = self._geometry(weights, gram, present, residual)
            values = ops.concatenate([values, geometry])
            counted = ops.concatenate([counted, valid])
        # A step of mixed precision that overflowed is no step.
        finite = ops.all(ops.isfinite(values))
        counted = ops.logical_and(counted, finite)
        self.total.assign_add(ops.where(counted, values, 0.0))
        self.count.assign_add(ops.cast(counted, self.dtype))

    def _geometry(
        self,
        weights: Tensor,
        gram: Tensor,
        present: Tensor,
        residual: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """Values of all tags but the weights', and which of them count."""
        norms = ops.sqrt(ops.diagonal(gram))
        outer = ops.expand_dims(norms, 0) * ops.expand_dims(norms, 1)
        cosines = ops.divide_no_nan(gram, outer)
        products = ops.matmul(gram, weights)
        combined = ops.sqrt(ops.maximum(ops.sum(weights * products), 0.0))
        alignment = ops.divide_no_nan(products, norms * combined)
        rows, columns = np.triu_indices(len(self.tasks), 1)
        pairs = ops.take(
            ops.reshape(cosines, (-1,)), rows * len(self.tasks) + columns
        )
        both = ops.logical_and(
            ops.take(present, rows), ops.take(present, columns)
        )
        conflicts = ops.cast(ops.logical_and(both, pairs < 0), self.dtype)
        num_pairs = ops.sum(ops.cast(both, self.dtype))
        conflict = ops.divide_no_nan(ops.sum(conflicts), num_pairs)
        solved = ops.cast(0.0 if residual is None else residual, self.dtype)
        summary = ops.stack([combined, conflict, solved])
        some = ops.any(present)
        reported = ops.logical_and(some, residual is not None)
        known = ops.stack([some, ops.any(both), reported])
        return (
            ops.concatenate([norms, alignment, summary, pairs]),
            ops.concatenate([present, present, known, both]),
        )

    def result(self) -> dict[str, Tensor]:
        """Tag to the mean since the last reset; 0 before any step."""
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
        """Tag to the mean since the last reset, of what was measured."""
        found = {}
        for member in self.members:
            total, count = (v.numpy() for v in member.variables)
            for index, tag in enumerate(member.tags):
                if count[index]:
                    found[tag] = float(total[index] / count[index])
        return found

    def reset(self) -> None:
        """Forgets everything measured so far."""
        for member in self.members:
            member.reset_state()
