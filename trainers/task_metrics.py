"""The metrics of all tasks, over their labelled elements."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from keras_mtl.backend.phase import Batch
from keras_mtl.metrics import DataSetMetric
from keras_mtl.typing import Logs, Tensor, Tensors

Metrics = Mapping[str, Sequence[keras.metrics.Metric]]
# They take weights of any leading axes of the labels.
_LEADING = (keras.metrics.Mean, DataSetMetric)


class TaskMetrics:
    """Updates the metrics of each task and names their results.

    Args:
        plain: Task to metrics in which every labelled element counts alike.
        weighted: Task to metrics that the sample weights enter.
    """

    def __init__(self, plain: Metrics, weighted: Metrics) -> None:
        self.plain = plain
        self.weighted = weighted

    @property
    def all(self) -> list[keras.metrics.Metric]:
        """All metric objects."""
        both = (self.plain, self.weighted)
        return [m for part in both for listed in part.values() for m in listed]

    def update(self, batch: Batch, outputs: Tensors) -> None:
        """Adds a batch.

        Args:
            batch: Labels and sample weights.
            outputs: Task to output; the metrics of other tasks stay.
        """
        for task, output in outputs.items():
            if task not in batch.labels:
                continue
            labels, weight = batch.clean_labels(task), batch.weights[task]
            for metric in self.plain.get(task, ()):
                mask = None if weight is None else _mask(metric, weight)
                _update(metric, labels, output, mask)
            for metric in self.weighted.get(task, ()):
                _update(metric, labels, output, weight)

    def results(self) -> Logs:
        """`<task>_<metric>` to value; a metric may return a dict."""
        found: Logs = {}
        for part in (self.plain, self.weighted):
            for task, listed in part.items():
                for metric in listed:
                    found.update(_named(task, metric))
        return found


def _mask(metric: keras.metrics.Metric, weight: Tensor) -> Tensor:
    """1 where there is a label, in the dtype that the metric counts in."""
    return ops.cast(weight > 0, metric.dtype or "float32")


def _update(
    metric: keras.metrics.Metric,
    labels: Tensor,
    output: Tensor,
    weight: Tensor | None,
) -> None:
    if weight is None:
        metric.update_state(labels, output)
        return
    if "sample_weight" not in inspect.signature(metric.update_state).parameters:
        raise ValueError(
            f"The metric {metric.name!r} cannot leave out unlabelled samples: "
            "its `update_state` takes no `sample_weight`. Received: sample "
            "weights for its task. Add the argument to the metric."
        )
    weight = _aligned(metric, labels, output, weight)
    metric.update_state(labels, output, sample_weight=weight)


def _aligned(
    metric: keras.metrics.Metric, labels: Tensor, output: Tensor, weight: Tensor
) -> Tensor:
    """The weight in the shape that a metric expects.

    Means of a function, and the metrics of this package, take weights of any
    leading axes. The others (confusion matrices) would align a weight per
    sample with the last axis of dense labels.
    """
    dense = max(len(labels.shape), len(output.shape)) > 2
    if isinstance(metric, _LEADING) or not dense:
        return weight
    shape = ops.shape(labels)
    if not getattr(metric, "sparse_y_true", True):  # one-hot labels
        shape = shape[:-1]
    for _ in range(len(shape) - len(weight.shape)):
        weight = ops.expand_dims(weight, -1)
    return ops.broadcast_to(weight, shape)


def _named(task: str, metric: keras.metrics.Metric) -> Logs:
    result: Any = metric.result()
    if isinstance(result, dict):
        return {f"{task}_{key}": value for key, value in result.items()}
    return {f"{task}_{metric.name}": result}
