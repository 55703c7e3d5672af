"""One part of a data set: training, validation or test."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from keras_mtl.datasets.random_numbers import key, permutation
from keras_mtl.datasets.sample_source import SampleSource
from keras_mtl.datasets.source import Source
from keras_mtl.errors import ConfigError
from keras_mtl.typing import Tensor


class Split:
    """Batches of a source; the order depends on nothing but the epoch.

    Training shuffles, and drops the last incomplete batch; validation and
    test keep the order and every sample.

    Args:
        source: Where the samples come from.
        batch_size: Samples in a batch.
        seed: Seed of the order. Only matters in training.
        training: Whether this is the training split.

    Raises:
        ConfigError: If not even one batch can be made.
    """

    def __init__(
        self,
        source: Source | SampleSource,
        batch_size: int,
        seed: int,
        training: bool,
    ) -> None:
        self.source = source
        self.batch_size = batch_size
        self.seed = seed
        self.training = training
        self._key = key(seed, "order")
        if self.num_batches == 0:
            raise ConfigError(
                f"`batch_size` is {batch_size} and the "
                f"{'training' if training else 'evaluation'} split has "
                f"{self.num_samples} samples: not one whole batch. Lower "
                "`data.batch_size`, or give that split more samples."
            )

    @property
    def num_samples(self) -> int:
        """How many samples the split has."""
        return self.source.num_samples

    @property
    def num_batches(self) -> int:
        """How many batches an epoch has."""
        if self.training:
            return self.num_samples // self.batch_size
        return math.ceil(self.num_samples / self.batch_size)

    def dataset(self, epoch: int = 0) -> Any:
        """The batches of one epoch.

        Args:
            epoch: Which epoch, counted from 0. Only matters in training.

        Returns:
            Finite `tf.data.Dataset` of `(x, {task: y})`, or of
            `(x, {task: y}, {task: weight})` where labels are missing.
        """
        return self._finish(self._rows(tf.constant(epoch, tf.int64), 0))

    def __iter__(self) -> Iterator[Any]:
        """The batches of the first epoch, each time from the beginning."""
        return iter(self.dataset())

    def plain(self, batch_size: int | None = None) -> Split:
        """The same samples as they are: in order, whole, none left out.

        Nothing is augmented, and images that are trained on in windows come
        in one piece.

        Args:
            batch_size: Samples in a batch; that of this split by default.
        """
        whole = getattr(self.source, "whole", None)
        source = self.source if whole is None else whole()
        return Split(source, batch_size or self.batch_size, self.seed, False)

    def stream(self, start_epoch: int = 0, start_batch: int = 0) -> Any:
        """Every batch from a given one on, without end.

        Args:
            start_epoch: Epoch of the first batch, counted from 0.
            start_batch: Batch of that epoch to begin with, counted from 0,
                at most `num_batches` (the beginning of the next epoch).

        Returns:
            Infinite `tf.data.Dataset`. It yields exactly what a stream from
            the beginning yields from that position on, without making what
            comes before.

        Raises:
            ConfigError: If there is no such batch.
        """
        if start_epoch < 0 or not 0 <= start_batch <= self.num_batches:
            raise ConfigError(
                "There is no batch to start from: `start_epoch` must be 0 or "
                f"more and `start_batch` in 0..{self.num_batches}. Received: "
                f"start_epoch={start_epoch}, start_batch={start_batch}."
            )

        def rows(epoch: Tensor) -> Any:
            first = tf.where(epoch == start_epoch, start_batch, 0)
            return self._rows(epoch, tf.cast(first, tf.int64))

        endless = tf.data.experimental.assert_cardinality(
            tf.data.INFINITE_CARDINALITY
        )
        epochs = tf.data.Dataset.counter(start_epoch)
        return self._finish(epochs.flat_map(rows).apply(endless))

    def _rows(self, epoch: Tensor, first: Tensor | int) -> Any:
        """Dataset of `(index, columns)` of an epoch's batches."""
        columns = self.source.columns(epoch)
        order = tf.range(self.num_samples, dtype=tf.int64)
        if self.training:
            order = permutation(self.num_samples, self._key, epoch)

        def rows(batch: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
            begin = batch * self.batch_size
            index = order[begin : begin + self.batch_size]
            if self.training:  # XLA compiles once if the batch is static.
                index = tf.ensure_shape(index, [self.batch_size])
            drawn = {k: tf.gather(v, index) for k, v in columns.items()}
            return index, drawn

        batches = tf.data.Dataset.range(first, self.num_batches)
        return batches.map(rows)

    def _finish(self, rows: Any) -> Any:
        """Makes the samples, ahead of need and in a fixed order."""
        options = tf.data.Options()
        options.deterministic = True
        samples = self._samples(rows).with_options(options)
        # Inside a strategy scope, the strategy places the batches itself.
        if tf.config.list_logical_devices("GPU") and (
            not tf.distribute.has_strategy()
        ):
            to_gpu = tf.data.experimental.prefetch_to_device("/GPU:0")
            return samples.apply(to_gpu)
        return samples.prefetch(tf.data.AUTOTUNE)

    def _samples(self, rows: Any) -> Any:
        source: Any = self.source
        read = getattr(source, "samples", None)
        if read is not None:
            # What reads samples one by one loses the number of batches, and
            # Keras then warns that an evaluation ran out of data.
            size = tf.data.experimental.assert_cardinality(rows.cardinality())
            return read(rows, self.batch_size, self.training).apply(size)
        return rows.map(source.batch)
