"""A data set with several tasks, ready to train on."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keras_mtl.datasets.alternate_split import AlternateSplit
from keras_mtl.datasets.options import integer
from keras_mtl.datasets.per_task_split import PerTaskSplit
from keras_mtl.datasets.sample_source import SampleSource
from keras_mtl.datasets.source import Source
from keras_mtl.datasets.split import Split
from keras_mtl.datasets.targets.target import MARKS
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.errors import ConfigError, DataError


@dataclass(frozen=True)
class MultiTaskData:
    """The splits of a data set, its tasks, and what it was made from.

    Args:
        name: Name of the data set.
        tasks: Task name to what the task predicts.
        input_shape: Shape of one input, without the batch.
        batch_size: Samples in a batch.
        seed: Seed of the order of the training samples.
        train: Training split. Shuffled, the last incomplete batch dropped.
        validation: Validation split, or `None` where there is none.
        test: Test split, or `None` where there is none.
        options: Every option the data set was made with, defaults included.
        fingerprint: SHA-256 (hex) of the contents and of the options: equal
            fingerprints mean equal data in equal order.
        contents: SHA-256 (hex) of the contents alone, whatever the seed and
            the options.
    """

    name: str
    tasks: dict[str, TaskSpec]
    input_shape: tuple[int, ...]
    batch_size: int
    seed: int
    train: Split | PerTaskSplit | AlternateSplit
    validation: Split | None = None
    test: Split | None = None
    options: dict[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    contents: str = ""

    @classmethod
    def from_sources(
        cls,
        name: str,
        sources: Mapping[str, Source | SampleSource | None],
        *,
        tasks: Sequence[TaskSpec],
        batch_size: int,
        seed: int,
        options: Mapping[str, Any],
        digests: Sequence[str],
    ) -> MultiTaskData:
        """Makes the splits of sources, and the fingerprint.

        Args:
            name: Name of the data set.
            sources: `"train"`, and `"validation"` and `"test"` or `None`.
            tasks: What is predicted.
            batch_size: Samples in a batch.
            seed: Seed of the order of the training samples.
            options: The resolved options. `dir` is left out of the
                fingerprint: where the files are does not change the data.
            digests: SHA-256 (hex) of the contents.

        Raises:
            ConfigError: If the training split is empty or smaller than a
                batch.
        """
        integer("batch_size", batch_size, minimum=1)
        train = sources.get("train")
        if train is None:
            raise ConfigError(
                f"The training split of {name!r} is empty. Lower "
                "`data.validation`, or give more data."
            )
        evaluated = {
            part: Split(source, batch_size, seed, training=False)
            for part in ("validation", "test")
            if (source := sources.get(part)) is not None
        }
        return cls(
            name=name,
            tasks={task.name: task for task in tasks},
            input_shape=tuple(train.shape),
            batch_size=batch_size,
            seed=seed,
            train=Split(train, batch_size, seed, training=True),
            options=dict(options),
            fingerprint=_fingerprint(name, seed, options, digests),
            contents=_sha256(list(digests)),
            **evaluated,
        )

    def train_stream(self, start_epoch: int = 0, start_batch: int = 0) -> Any:
        """Training batches without end, from any position.

        For `fit(..., steps_per_epoch=data.train.num_batches)`. Epoch `e` is
        always `data.train.dataset(epoch=e)`, wherever the stream starts, so
        that an interrupted run goes on with exactly the batches it missed.

        Args:
            start_epoch: Epoch of the first batch, counted from 0.
            start_batch: Batch of that epoch to begin with, counted from 0.

        Returns:
            Infinite `tf.data.Dataset`, elements as in `Split.dataset`.
        """
        return self.train.stream(start_epoch, start_batch)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Names the file where reading fails.

        Raises:
            DataError: Instead of TensorFlow's error, where a file cannot be
                decoded or its contents are no labels of these tasks.
        """
        import tensorflow as tf

        try:
            yield
        except (tf.errors.InvalidArgumentError, tf.errors.UnknownError) as e:
            raise self._cause(e) from e

    def _cause(self, error: Exception) -> Exception:
        """The file that is to blame; the error itself if there is none."""
        start, end = MARKS
        text = str(error)
        if start in text and end in text:
            return DataError(text.partition(start)[2].partition(end)[0])
        for split in (self.train, self.validation, self.test):
            verify = getattr(getattr(split, "source", None), "verify", None)
            try:
                if verify is not None:
                    verify()
            except DataError as found:
                return found
        return error


def _fingerprint(
    name: str, seed: int, options: Mapping[str, Any], digests: Sequence[str]
) -> str:
    known = {key: options[key] for key in sorted(options) if key != "dir"}
    return _sha256([name, seed, known, list(digests)])


def _sha256(values: Sequence[Any]) -> str:
    text = json.dumps(values, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
