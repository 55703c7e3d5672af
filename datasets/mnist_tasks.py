"""MNIST as two tasks: even and odd digits, or parity and digit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets import options as check
from keras_mtl.datasets.arrays import Part, from_arrays
from keras_mtl.datasets.labelled_images import LabelledImages
from keras_mtl.datasets.mnist_files import read_mnist
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.partition import stratified
from keras_mtl.datasets.standardise import Standardise
from keras_mtl.datasets.task_spec import TaskSpec

_EVEN = ("0", "2", "4", "6", "8")
_ODD = ("1", "3", "5", "7", "9")
_TASKS = {
    "even_odd": (
        TaskSpec("even", "classification", 5, _EVEN),
        TaskSpec("odd", "classification", 5, _ODD),
    ),
    "parity_digit": (
        TaskSpec("parity", "classification", 2, ("even", "odd")),
        TaskSpec("digit", "classification", 10, tuple("0123456789")),
    ),
}


def mnist_tasks(
    batch_size: int = 128,
    seed: int = 0,
    dir: str | None = None,
    split: str = "even_odd",
    validation: int | float = 10_000,
    split_seed: int = 0,
) -> MultiTaskData:
    """MNIST with two tasks on single digits.

    `split: even_odd`: the task `even` tells 0, 2, 4, 6, 8 apart and `odd`
    1, 3, 5, 7, 9, five classes each. Every image is labelled for one of the
    two; the other has weight 0. `split: parity_digit`: `parity` (even or
    odd) and `digit` (ten classes), both on every image.

    Pixels are standardised with mean 0.1307 and standard deviation 0.3081.

    Args:
        batch_size: Samples in a batch.
        seed: Seed of the order of the training images, 0 or more.
        dir: Folder with the four MNIST files. `None` lets Keras download
            them.
        split: `"even_odd"` or `"parity_digit"`.
        validation: Training images held out, stratified: a count, or a
            fraction below 1. 0 trains on all 60,000.
        split_seed: Seed of what is held out, 0 or more. Apart from `seed`,
            so that runs with several seeds train on the same images.

    Returns:
        Data with inputs of shape `(28, 28, 1)`, float32.

    Raises:
        ConfigError: If an option is wrong.
        DataError: If the files are missing or damaged.
        OfflineError: If they had to be downloaded and could not be.
    """
    check.choice("split", split, tuple(_TASKS))
    check.integer("split_seed", split_seed, 0)
    train, test = read_mnist(dir)
    count = check.count("validation", validation, len(train))
    kept, held_out = stratified(train.labels, [count], split_seed)
    return from_arrays(
        "mnist_tasks",
        tasks=_TASKS[split],
        train=_part(train.take(kept), split),
        validation=_part(train.take(held_out), split),
        test=_part(test, split),
        batch_size=batch_size,
        seed=seed,
        options={
            "dir": dir,
            "split": split,
            "validation": count,
            "split_seed": split_seed,
        },
        prepare=Standardise(mean=0.1307, std=0.3081),
    )


def _part(digits: LabelledImages, split: str) -> Part:
    labels = digits.labels.astype(np.int64)
    return digits.images[..., None], _label(labels, split)


def _label(digit: NDArray[np.int64], split: str) -> dict[str, Any]:
    parity = digit % 2
    if split == "parity_digit":
        return {"parity": parity, "digit": digit}
    # The class within the task; NaN where the digit belongs to the other.
    return {
        "even": np.where(parity == 0, digit // 2, np.nan),
        "odd": np.where(parity == 1, digit // 2, np.nan),
    }
