"""Outputs of a task in the words of its data set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.cli.map_predictions import map_predictions
from keras_mtl.datasets.task_spec import DENSE_KINDS
from keras_mtl.errors import DataError


def predictions(
    outputs: NDArray[Any], task: dict[str, Any]
) -> list[dict[str, Any]]:
    """Turns logits into labels with probabilities.

    Args:
        outputs: Shape `(num_samples, num_outputs)`: logits, or the values of
            a regression; of tasks with maps, see `map_predictions`.
        task: Its entry in the model card: `kind` and `class_names`.

    Returns:
        A row a sample. Classification: `label` and `probabilities`, class
        to probability. Binary: `labels`, the names that hold, and
        `probabilities`. Regression: `values`. Tasks with maps: `maps`.

    Raises:
        DataError: If the outputs are not one row, or map, a sample.
    """
    if task["kind"] in DENSE_KINDS:
        return map_predictions(outputs, task)
    values = np.asarray(outputs, dtype=np.float64)
    if values.ndim != 2:
        raise DataError(
            "expected one row of outputs a sample. Received: "
            f"shape={values.shape}."
        )
    if task["kind"] == "regression":
        return [{"values": row.tolist()} for row in values]
    names = task["class_names"] or [str(i) for i in range(values.shape[1])]
    if task["kind"] == "binary":
        return [_binary(row, names) for row in _sigmoid(values)]
    return [_classified(row, names) for row in _softmax(values)]


def _classified(row: NDArray[np.float64], names: list[str]) -> dict[str, Any]:
    probabilities = dict(zip(names, row.tolist(), strict=True))
    return {"label": names[int(row.argmax())], "probabilities": probabilities}


def _binary(row: NDArray[np.float64], names: list[str]) -> dict[str, Any]:
    probabilities = dict(zip(names, row.tolist(), strict=True))
    labels = [name for name, value in probabilities.items() if value > 0.5]
    return {"labels": labels, "probabilities": probabilities}


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    # Through tanh, which does not overflow.
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)))
