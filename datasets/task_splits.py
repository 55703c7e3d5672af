"""The samples of each task, as splits of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.random_numbers import key
from keras_mtl.datasets.split import Split
from keras_mtl.datasets.subset import Subset
from keras_mtl.errors import DataError


def task_splits(
    source: Any, tasks: Sequence[str], batch_size: int, seed: int
) -> dict[str, Split]:
    """A training split of the labelled samples of each task.

    Args:
        source: A `Source` or a `SampleSource`.
        tasks: Names of the tasks.
        batch_size: Samples in a batch.
        seed: Seed of the orders, which differ from task to task.

    Returns:
        Task to its split.

    Raises:
        DataError: If a task has no labelled sample.
        ConfigError: If it has less than a batch of them.
    """
    splits = {}
    for task in tasks:
        index = labelled(source, task)
        if not len(index):
            raise DataError(
                f"No training sample is labelled for the task {task!r}, so "
                "that it has no stream of its own. Add labels, leave the task "
                "out, or choose `data.mode: shared`."
            )
        own = key(seed, f"order of {task}")
        splits[task] = Split(
            Subset(source, index), batch_size, own, training=True
        )
    return splits


def labelled(source: Any, task: str) -> NDArray[np.int64]:
    """The samples that have a label of a task; all where nobody knows.

    Args:
        source: A source, with a method `labelled` if labels may be missing.
        task: Name of the task.
    """
    known = getattr(source, "labelled", None)
    if known is None:
        return np.arange(source.num_samples)
    found: NDArray[np.int64] = known(task)
    return found
