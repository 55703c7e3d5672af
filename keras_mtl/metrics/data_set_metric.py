"""Base of the metrics: one value for a whole data set."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.typing import Shape, Tensor


class DataSetMetric(keras.metrics.Metric):
    """A metric whose value does not depend on how the data are cut.

    It adds up sums and counts over the labelled elements in double
    precision, whatever the precision of the network, so that batches of 1, 3,
    8 or all samples give the same value. In the graph, with variables of
    fixed shape: it is saved with a run, and resumed.

    Attributes:
        label: What the metric is called in logs and tables by default.
        higher_is_better: Which way its value improves.

    Args:
        name: Name in the logs; `None` takes `label`.
        dtype: Dtype in which elements are computed, float32 by default. Sums
            over elements are float64.
    """

    label: ClassVar[str]
    higher_is_better: ClassVar[bool] = True

    def __init__(self, name: str | None = None, dtype: Any = "float32") -> None:
        super().__init__(name=name or self.default_name(), dtype=dtype)
        # Where Keras keeps it.
        self._direction = "up" if self.higher_is_better else "down"

    def default_name(self) -> str:
        """The name of a metric that is given none."""
        return self.label

    def accumulator(self, shape: Shape, name: str) -> keras.Variable:
        """A sum over the data set: float64 variable, zeros at first."""
        return self.add_variable(shape, "zeros", dtype="float64", name=name)


def weights_like(weight: Tensor | None, values: Tensor, dtype: str) -> Tensor:
    """Sample weights in the shape of values.

    Args:
        weight: Float tensor of the leading axes of `values`, with further
            axes of length 1 or none; `None` stands for ones.
        values: Tensor, shape `(batch, ...)`.
        dtype: Dtype of the result.

    Returns:
        Tensor in the shape of `values`.

    Raises:
        ValueError: If the weight has axes that the values do not have.
    """
    if weight is None:
        return ops.ones(ops.shape(values), dtype)
    weight, rank = ops.cast(weight, dtype), len(values.shape)
    while len(weight.shape) > rank and weight.shape[-1] == 1:
        weight = ops.squeeze(weight, -1)
    if len(weight.shape) > rank:
        raise ValueError(
            f"`sample_weight` must have at most the {rank} axes of what is "
            f"measured. Received: sample_weight.shape={tuple(weight.shape)}, "
            f"for values of shape {tuple(values.shape)}."
        )
    for _ in range(rank - len(weight.shape)):
        weight = ops.expand_dims(weight, -1)
    return ops.broadcast_to(weight, ops.shape(values))


def total(values: Tensor) -> Tensor:
    """The sum of all values, float64.

    Each sample is summed on its own first, so that the sum does not depend on
    which samples share a batch.

    Args:
        values: Tensor, shape `(batch, ...)`.
    """
    axes = tuple(range(1, len(values.shape)))
    each = ops.sum(values, axis=axes) if axes else values
    return ops.sum(ops.cast(each, "float64"))
