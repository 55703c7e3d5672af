"""Means of named numbers."""

from __future__ import annotations

from collections.abc import Mapping

import keras
from keras import ops

from keras_mtl.typing import Tensor


class ScalarTelemetry(keras.metrics.Metric):
    """Running means of numbers that a phase measures.

    A step that measured something infinite or not a number is left out.

    Args:
        tags: Name of a number to the tag it is logged under.
        name: Name of the metric.
    """

    def __init__(
        self, tags: Mapping[str, str], name: str = "scalar_telemetry"
    ) -> None:
        super().__init__(name=name, dtype="float32")
        self.names = tuple(tags)
        self.tags = list(tags.values())
        shape = (len(self.tags),)
        self.total = self.add_variable(shape, "zeros", name="total")
        self.count = self.add_variable(shape, "zeros", name="count")

    def update_state(
        self, values: Mapping[str, Tensor], present: Tensor | bool = True
    ) -> None:
        """Adds one step.

        Args:
            values: Name to float scalar, for every name in `tags`.
            present: Boolean scalar; false leaves the step out.
        """
        stacked = ops.stack(
            [ops.cast(values[name], "float32") for name in self.names]
        )
        kept = ops.logical_and(ops.all(ops.isfinite(stacked)), present)
        self.total.assign_add(ops.where(kept, stacked, 0.0))
        self.count.assign_add(ops.where(kept, ops.ones_like(stacked), 0.0))

    def result(self) -> dict[str, Tensor]:
        """Tag to the mean since the last reset; 0 before any step."""
        means = ops.divide_no_nan(self.total.value, self.count.value)
        return {tag: means[index] for index, tag in enumerate(self.tags)}
