"""Every task with samples of its own, side by side in a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from keras_mtl.datasets.task_splits import task_splits
from keras_mtl.datasets.task_streams import Mode, zip_tasks


class PerTaskSplit:
    """A stream a task: elements `({task: x}, {task: y}, {task: weight})`.

    Batch number `n` of the run, counted from 0, holds batch `n` of every
    task's own epochs: a task with fewer samples begins again, in a new order.

    Args:
        source: Where the samples come from.
        tasks: Names of the tasks.
        batch_size: Samples of each task in a batch.
        seed: Seed of the orders.
        length: What an epoch is: `"max_size_cycle"`, until the task with the
            most samples has had all; `"min_size"`, that with the fewest.

    Raises:
        DataError: If a task has no labelled sample.
        ConfigError: If it has less than a batch of them.
    """

    training = True

    def __init__(
        self,
        source: Any,
        tasks: Sequence[str],
        batch_size: int,
        seed: int,
        length: Mode = "max_size_cycle",
    ) -> None:
        self.source = source
        self.batch_size = batch_size
        self.seed = seed
        self.splits = task_splits(source, tasks, batch_size, seed)
        sizes = [split.num_batches for split in self.splits.values()]
        self.num_batches = min(sizes) if length == "min_size" else max(sizes)

    @property
    def num_samples(self) -> int:
        """How many samples the tasks have together."""
        return int(self.source.num_samples)

    def dataset(self, epoch: int = 0) -> Any:
        """The batches of one epoch. See `Split.dataset`."""
        return self.stream(epoch).take(self.num_batches)

    def stream(self, start_epoch: int = 0, start_batch: int = 0) -> Any:
        """Every batch from a given one on. See `Split.stream`."""
        first = start_epoch * self.num_batches + start_batch
        streams = {
            task: split.stream(*divmod(first, split.num_batches)).map(
                _Only(task)
            )
            for task, split in self.splits.items()
        }
        return zip_tasks(streams, "min_size").prefetch(tf.data.AUTOTUNE)


class _Only:
    """Leaves the labels of one task."""

    def __init__(self, task: str) -> None:
        self.task = task

    def __call__(self, x: Any, y: Any, w: Any = None) -> Any:
        if w is None:
            return x, y[self.task]
        return x, y[self.task], w[self.task]
