"""Values of the metrics in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def metric_state(model: Any) -> list[Any]:
    """Reads the variables of all metrics of a model, as nested lists."""
    return [np.asarray(v.value).tolist() for v in _variables(model)]


def restore_metrics(model: Any, state: Sequence[Any]) -> None:
    """Puts back what `metric_state` read, if the metrics are the same.

    Args:
        model: A compiled trainer or Keras model.
        state: One nested list a variable.
    """
    variables = _variables(model)
    values = [np.asarray(value, float) for value in state]
    if [v.shape for v in values] != [tuple(v.shape) for v in variables]:
        return
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value.astype(variable.dtype))


def _variables(model: Any) -> list[Any]:
    return [v for metric in model.metrics for v in metric.variables]
