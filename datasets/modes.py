"""How the samples of the tasks are put together in training."""

from __future__ import annotations

import dataclasses
import hashlib

from keras_mtl.datasets import options as check
from keras_mtl.datasets.alternate_split import AlternateSplit
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.per_task_split import PerTaskSplit

MODES = ("shared", "per_task", "alternate")
LENGTHS = ("max_size_cycle", "min_size")
TURNS = ("proportional", "uniform")


def arranged(
    data: MultiTaskData,
    mode: str = "shared",
    length: str = "max_size_cycle",
    turns: str = "proportional",
) -> MultiTaskData:
    """Puts the training samples together anew. Evaluation stays as it is.

    Args:
        data: A data set.
        mode: `"shared"`: batches of samples with the labels that they have;
            `"per_task"`: a batch of samples for each task, see
            `PerTaskSplit`; `"alternate"`: a batch of one task after that of
            another, see `AlternateSplit`.
        length: What an epoch of `per_task` is.
        turns: How often each task has its turn in `alternate`.

    Returns:
        The data set, with another training split and fingerprint.

    Raises:
        ConfigError: If an option is wrong.
        DataError: If a task has no labelled sample.
    """
    check.choice("mode", mode, MODES)
    check.choice("length", length, LENGTHS)
    check.choice("turns", turns, TURNS)
    if mode == "shared":
        return data
    source, tasks = data.train.source, sorted(data.tasks)
    arguments = (source, tasks, data.batch_size, data.seed)
    train: PerTaskSplit | AlternateSplit
    if mode == "per_task":
        train = PerTaskSplit(*arguments, length)  # type: ignore[arg-type]  # checked
    else:
        train = AlternateSplit(*arguments, turns)  # type: ignore[arg-type]  # checked
    said = length if mode == "per_task" else turns
    text = f"{data.fingerprint} {mode} {said}"
    return dataclasses.replace(
        data,
        train=train,
        options={
            **data.options,
            "mode": mode,
            "length": length,
            "turns": turns,
        },
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
    )
