"""What one task of a data set predicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keras_mtl.errors import ConfigError

KINDS = ("classification", "binary", "regression")


@dataclass(frozen=True)
class TaskSpec:
    """A task of a data set: its kind, its size, its usual loss and metrics.

    Args:
        name: Name of the task, the key of its labels and outputs.
        kind: `"classification"`: one of `num_outputs` classes, labels are
            int class ids. `"binary"`: `num_outputs` yes/no labels.
            `"regression"`: `num_outputs` real numbers.
        num_outputs: How many units the task's output needs.
        class_names: A name for each class, or `None`.

    Raises:
        ConfigError: If the kind is unknown or the numbers do not fit.
    """

    name: str
    kind: str
    num_outputs: int
    class_names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConfigError(
                f"`kind` of task {self.name!r} must be one of {KINDS}. "
                f"Received: {self.kind!r}."
            )
        smallest = 2 if self.kind == "classification" else 1
        if self.num_outputs < smallest:
            raise ConfigError(
                f"`num_outputs` of the {self.kind} task {self.name!r} must be "
                f"{smallest} or more. Received: {self.num_outputs}."
            )
        if self.class_names and len(self.class_names) != self.num_outputs:
            raise ConfigError(
                f"Task {self.name!r} has {self.num_outputs} outputs and "
                f"{len(self.class_names)} class names: give one name for "
                "each output."
            )

    def default_loss(self) -> Any:
        """A fresh Keras loss on logits (or values, for a regression)."""
        import keras

        if self.kind == "classification":
            return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        if self.kind == "binary":
            return keras.losses.BinaryCrossentropy(from_logits=True)
        return keras.losses.MeanSquaredError()

    def default_metrics(self) -> list[Any]:
        """Fresh Keras metrics: accuracy, or the mean absolute error."""
        import keras

        if self.kind == "classification":
            return [keras.metrics.SparseCategoricalAccuracy(name="accuracy")]
        if self.kind == "binary":
            # On logits, so that the threshold is 0.
            return [keras.metrics.BinaryAccuracy("accuracy", threshold=0.0)]
        return [keras.metrics.MeanAbsoluteError(name="mae")]
