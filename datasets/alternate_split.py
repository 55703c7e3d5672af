"""One task's batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.datasets.random_numbers import key, permutation
from keras_mtl.datasets.task_splits import task_splits
from keras_mtl.typing import Tensor

Turns = Literal["uniform", "proportional"]


class AlternateSplit:
    """Batches that are labelled for one task; the others have weight 0.

    The tasks take turns in a random order, a function of seed and epoch.

    Args:
        source: Where the samples come from.
        tasks: Names of the tasks.
        batch_size: Samples in a batch.
        seed: Seed of the orders.
        turns: `"proportional"`: in an epoch, every task has all of its
            samples; `"uniform"`: every task has as many batches, together as
            many as that.

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
        turns: Turns = "proportional",
    ) -> None:
        self.source = source
        self.batch_size = batch_size
        self.seed = seed
        self.splits = task_splits(source, tasks, batch_size, seed)
        sizes = [split.num_batches for split in self.splits.values()]
        if turns == "uniform":
            sizes = [round(sum(sizes) / len(sizes))] * len(sizes)
        self._counts = np.array(sizes, np.int64)
        self._key = key(seed, "turns")

    @property
    def num_samples(self) -> int:
        """How many samples the tasks have together."""
        return int(self.source.num_samples)

    @property
    def num_batches(self) -> int:
        """How many batches an epoch has."""
        return int(self._counts.sum())

    def dataset(self, epoch: int = 0) -> Any:
        """The batches of one epoch. See `Split.dataset`."""
        return self.stream(epoch).take(self.num_batches)

    def stream(self, start_epoch: int = 0, start_batch: int = 0) -> Any:
        """Every batch from a given one on. See `Split.stream`."""
        done = self._done(start_epoch, start_batch)
        streams = [
            split.stream(*divmod(int(count), split.num_batches)).map(
                _Masked(task)
            )
            for count, (task, split) in zip(
                done, self.splits.items(), strict=True
            )
        ]

        def turns(epoch: Tensor) -> Any:
            first = tf.where(epoch == start_epoch, start_batch, 0)
            return tf.data.Dataset.from_tensor_slices(
                self._order(epoch)[first:]
            )

        order = tf.data.Dataset.counter(start_epoch).flat_map(turns)
        endless = tf.data.experimental.assert_cardinality(
            tf.data.INFINITE_CARDINALITY
        )
        chosen = tf.data.Dataset.choose_from_datasets(
            streams, order, stop_on_empty_dataset=False
        )
        return chosen.apply(endless).prefetch(tf.data.AUTOTUNE)

    def _order(self, epoch: Tensor) -> Tensor:
        """The number of the task of each batch of an epoch."""
        tasks = tf.constant(
            np.repeat(np.arange(len(self._counts)), self._counts)
        )
        return tf.gather(tasks, permutation(self.num_batches, self._key, epoch))

    def _done(self, epoch: int, batch: int) -> NDArray[np.int64]:
        """Batches that each task has had before a position."""
        order = self._order(tf.constant(epoch, tf.int64)).numpy()[:batch]
        begun = np.bincount(order, minlength=len(self._counts))
        return np.asarray(epoch * self._counts + begun, np.int64)


class _Masked:
    """Gives the labels of all tasks but one the weight 0."""

    def __init__(self, task: str) -> None:
        self.task = task

    def __call__(self, x: Any, y: Any, w: Any = None) -> Any:
        if w is None:
            w = {task: tf.ones(tf.shape(y[task])[:1]) for task in y}
            w = {
                task: tf.ensure_shape(w[task], y[task].shape[:1]) for task in w
            }
        masked = {
            task: w[task] if task == self.task else tf.zeros_like(w[task])
            for task in w
        }
        return x, y, masked
