"""MultiDigits: two real 8x8 digits on one canvas, nothing to download."""

from __future__ import annotations

import numpy as np

from keras_mtl.datasets import options as check
from keras_mtl.datasets.canvas import Canvas
from keras_mtl.datasets.labelled_images import LabelledImages
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.partition import stratified
from keras_mtl.datasets.standardise import Standardise
from keras_mtl.datasets.two_digits import PAIRS, two_digits

_SIDE = 8
_TEST = 360


def multi_digits(
    batch_size: int = 64,
    seed: int = 0,
    offset: int = 4,
    size: int = 24,
    pairs: str = "fresh",
    train_size: int = 6400,
    validation: int | float = 300,
    split_seed: int = 0,
) -> MultiTaskData:
    """Two of scikit-learn's handwritten digits on one canvas.

    The 1797 digits are split by class, 360 of them for test. The left one
    is at (0, 0), the right one at `(offset, offset)` of the smallest canvas
    that holds both; the brighter pixel wins where they overlap. The canvas is
    resized to `size` by nearest neighbour: by default 12x12 to 24x24. Pixels
    lie in 0..16 and are divided by 16.

    Args:
        batch_size: Samples in a batch.
        seed: Seed of the order and of fresh partners, 0 or more.
        offset: Row and column of the right digit, in `[0, 8]`. 8 means no
            overlap.
        size: Side of the images after the resize. `lenet` needs 16 or more.
        pairs: `"fixed"`: a training pair stays together; `"fresh"`: every
            left digit gets a new partner each epoch. Validation and test are
            fixed.
        train_size: Pairs in a training epoch. Every training digit is the
            left one of several.
        validation: Digits held out of the 1437 that are not for test: a
            count, or a fraction below 1.
        split_seed: Seed of the split and of the fixed partners, 0 or more.
            Apart from `seed`, so that runs with several seeds are tested on
            the same images.

    Returns:
        Data with the tasks `left` and `right`, inputs `(size, size, 1)`,
        float32 in [0, 1], and labels in 0..9, int32.

    Raises:
        ConfigError: If an option is wrong.

    Reference:
        [Alpaydin and Kaynak, 1998](https://doi.org/10.24432/C50P49)
    """
    check.integer("offset", offset, 0, _SIDE)
    check.integer("size", size, 1)
    check.choice("pairs", pairs, PAIRS)
    check.integer("train_size", train_size, 1)
    check.integer("split_seed", split_seed, 0)
    digits = _bundled_digits()
    available = len(digits) - _TEST
    count = check.count("validation", validation, available)
    kept, held_out, test = stratified(digits.labels, [count, _TEST], split_seed)
    return two_digits(
        "multi_digits",
        {
            "train": digits.take(kept),
            "validation": digits.take(held_out),
            "test": digits.take(test),
        },
        canvas=Canvas(_SIDE + offset, (offset, offset), size),
        standardise=Standardise(maximum=16.0),
        batch_size=batch_size,
        seed=seed,
        options={
            "offset": offset,
            "size": size,
            "pairs": pairs,
            "train_size": train_size,
            "validation": count,
            "split_seed": split_seed,
        },
    )


def _bundled_digits() -> LabelledImages:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, _SIDE, _SIDE).astype(np.uint8)
    return LabelledImages(images, labels)
