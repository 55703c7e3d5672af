"""Data sets whose inputs and labels are arrays in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.datasets.labels import Labels, clean_labels
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.errors import DataError
from keras_mtl.typing import Tensor

# Inputs and, by task, the labels.
Part = tuple[NDArray[Any], Mapping[str, Any]]


class ArraySource:
    """Samples that are rows of arrays.

    Args:
        inputs: Shape `(num_samples, ...)`. Kept in their dtype.
        labels: Task name to its labels.
        weighted: Give weights with the labels: 1 where there is a label, 0
            where it is missing.
        prepare: Makes a batch of inputs what the network sees, inside the
            graph. Defaults to leaving it.
    """

    def __init__(
        self,
        inputs: NDArray[Any],
        labels: Mapping[str, Labels],
        *,
        weighted: bool,
        prepare: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self._num_samples = len(inputs)
        self._shape = inputs.shape[1:]
        self.prepare = prepare
        with tf.device("/CPU:0"):
            self._inputs = tf.constant(inputs)
            self._labels = {
                task: tf.constant(label.values)
                for task, label in labels.items()
            }
            self._weights = {
                task: tf.constant(label.present.astype(np.float32))
                for task, label in labels.items()
                if weighted
            }

    @property
    def num_samples(self) -> int:
        """How many rows there are."""
        return self._num_samples

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one input."""
        return self._shape

    def labelled(self, task: str) -> NDArray[np.int64]:
        """The rows that have a label of a task."""
        if task not in self._weights:
            return np.arange(self._num_samples)
        return np.flatnonzero(self._weights[task].numpy() > 0)

    def columns(self, epoch: Tensor) -> dict[str, Tensor]:
        """Nothing is drawn anew each epoch."""
        return {}

    def batch(self, index: Tensor, columns: dict[str, Tensor]) -> Any:
        """`(inputs, labels)`, or `(inputs, labels, weights)`."""
        inputs = tf.gather(self._inputs, index)
        if self.prepare is not None:
            inputs = self.prepare(inputs)
        labels = _gather(self._labels, index)
        if not self._weights:
            return inputs, labels
        return inputs, labels, _gather(self._weights, index)


def from_arrays(
    name: str,
    *,
    tasks: Sequence[TaskSpec],
    train: Part,
    validation: Part | None = None,
    test: Part | None = None,
    batch_size: int = 128,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    prepare: Callable[[Tensor], Tensor] | None = None,
) -> MultiTaskData:
    """A data set made of arrays in memory. For data sets of your own.

    Args:
        name: Name of the data set.
        tasks: What is predicted.
        train: `(inputs, {task: labels})`. Inputs have shape
            `(num_samples, ...)`. Labels have shape `(num_samples,)` (class
            ids) or `(num_samples, num_outputs)`; a NaN is a missing label.
        validation: The same for validation, or `None`.
        test: The same for test, or `None`.
        batch_size: Samples in a batch.
        seed: Seed of the order of the training samples, 0 or more.
        options: What the data set was made with, for the record.
        prepare: Makes a batch of inputs what the network sees, inside the
            graph. Defaults to leaving it.

    Returns:
        Data whose elements carry weights if any label is missing.

    Raises:
        ConfigError: If tasks, `batch_size` or `seed` are wrong.
        DataError: If inputs or labels are not finite, out of range or of
            different lengths.

    Example:
        >>> import numpy as np
        >>> from keras_mtl.datasets import TaskSpec, from_arrays
        >>> labels = {"sum": np.arange(8.0), "sign": np.arange(8) % 2}
        >>> data = from_arrays(
        ...     "example",
        ...     tasks=[
        ...         TaskSpec("sum", "regression", 1),
        ...         TaskSpec("sign", "classification", 2),
        ...     ],
        ...     train=(np.ones((8, 3), "float32"), labels),
        ...     batch_size=4,
        ... )
        >>> data.input_shape, data.train.num_batches
        ((3,), 2)
    """
    given = {"train": train, "validation": validation, "test": test}
    parts = {
        part: _clean(f"{name}, {part} split", arrays, tasks)
        for part, arrays in given.items()
        if arrays is not None and len(arrays[0])
    }
    weighted = any(
        not label.present.all()
        for _, labels in parts.values()
        for label in labels.values()
    )
    return MultiTaskData.from_sources(
        name,
        {
            part: ArraySource(
                inputs, labels, weighted=weighted, prepare=prepare
            )
            for part, (inputs, labels) in parts.items()
        },
        tasks=tasks,
        batch_size=batch_size,
        seed=seed,
        options=options or {},
        digests=[_digest(*parts[part]) for part in sorted(parts)],
    )


def _clean(
    where: str, part: Part, tasks: Sequence[TaskSpec]
) -> tuple[NDArray[Any], dict[str, Labels]]:
    inputs, labels = np.asarray(part[0]), part[1]
    names = sorted(task.name for task in tasks)
    if sorted(labels) != names:
        raise DataError(
            f"{where}: expected labels for the tasks {names}. Received: "
            f"{sorted(labels)}."
        )
    if inputs.dtype.kind == "f":
        finite = np.isfinite(inputs).reshape(len(inputs), -1).all(axis=1)
        if not finite.all():
            raise DataError(
                f"{where}: {np.sum(~finite)} sample(s) have an input that is "
                f"not finite; the first is sample {np.argmin(finite)} "
                "(counted from 0). Remove or fill them in."
            )
    return inputs, {
        task.name: clean_labels(where, task, labels[task.name], len(inputs))
        for task in tasks
    }


def _digest(inputs: NDArray[Any], labels: Mapping[str, Labels]) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(inputs).data)
    for task in sorted(labels):
        digest.update(np.ascontiguousarray(labels[task].values).data)
        digest.update(np.ascontiguousarray(labels[task].present).data)
    return digest.hexdigest()


def _gather(values: Mapping[str, Tensor], index: Tensor) -> dict[str, Tensor]:
    return {task: tf.gather(value, index) for task, value in values.items()}
