"""Two images of an MNIST-like release on one canvas."""

from __future__ import annotations

from typing import Any

from keras_mtl.datasets import options as check
from keras_mtl.datasets.canvas import Canvas
from keras_mtl.datasets.mnist_files import read_mnist
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.partition import stratified
from keras_mtl.datasets.standardise import Standardise
from keras_mtl.datasets.two_digits import DIGITS, PAIRS, two_digits

_SIDE = 28
_CANVAS = 36


def overlaid(
    name: str,
    release: str,
    *,
    standardise: Standardise,
    batch_size: int,
    seed: int,
    options: dict[str, Any],
    class_names: tuple[str, ...] = DIGITS,
) -> MultiTaskData:
    """Checks the options, reads the files and pairs the images.

    Args:
        name: Name of the data set.
        release: `"mnist"` or `"fashion_mnist"`.
        standardise: How pixels become floats.
        batch_size: Samples in a batch.
        seed: Seed of the order and of fresh partners.
        options: `dir`, `offset`, `size`, `pairs`, `validation` and
            `split_seed`. See `multi_mnist`.
        class_names: Names of the classes of both tasks.

    Returns:
        Data with the tasks `left` and `right`.

    Raises:
        ConfigError: If an option is wrong.
        DataError: If the files are missing or damaged.
    """
    offset = check.pair("offset", options["offset"], _SIDE)
    size = check.integer("size", options["size"], 1, 16 * _CANVAS)
    check.choice("pairs", options["pairs"], PAIRS)
    check.integer("split_seed", options["split_seed"], 0)
    train, test = read_mnist(options["dir"], release)
    count = check.count("validation", options["validation"], len(train))
    kept, held_out = stratified(train.labels, [count], options["split_seed"])
    return two_digits(
        name,
        {
            "train": train.take(kept),
            "validation": train.take(held_out),
            "test": test,
        },
        canvas=Canvas(max(_CANVAS, _SIDE + max(offset)), offset, size),
        standardise=standardise,
        batch_size=batch_size,
        seed=seed,
        options={**options, "offset": offset, "validation": count},
        class_names=class_names,
    )
