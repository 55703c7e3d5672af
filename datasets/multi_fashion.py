"""MultiFashion: two overlapping pieces of clothing, one task each."""

from __future__ import annotations

from collections.abc import Sequence

from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.overlaid import overlaid
from keras_mtl.datasets.standardise import Standardise

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def multi_fashion(
    batch_size: int = 256,
    seed: int = 0,
    dir: str | None = None,
    offset: Sequence[int] = (6, 6),
    size: int = 36,
    pairs: str = "fixed",
    validation: int | float = 10_000,
    split_seed: int = 0,
) -> MultiTaskData:
    """Two Fashion-MNIST images on one 36x36 canvas: `left` and `right`.

    As `multi_mnist`, without the resize. Pixels are standardised with the
    mean 0.2860 and the standard deviation 0.3530 of the 60,000 training
    images.

    Args:
        batch_size: Samples in a batch.
        seed: Seed of the order and of fresh partners, 0 or more.
        dir: Folder with the four Fashion-MNIST files. `None` lets Keras
            download them.
        offset: Row and column of the right image, in `[0, 28]`. Beyond 8
            the canvas grows to hold it.
        size: Side of the images after a nearest-neighbour resize. 36 means
            none (for offsets up to 8).
        pairs: `"fixed"`: each training image keeps its partner; `"fresh"`:
            it gets a new one every epoch. Validation and test are fixed.
        validation: Training images held out before pairing, stratified: a
            count, or a fraction below 1. 0 trains on all 60,000.
        split_seed: Seed of what is held out and of the fixed partners, 0 or
            more. Apart from `seed`, so that runs with several seeds are
            tested on the same images.

    Returns:
        Data with inputs of shape `(size, size, 1)`, float32, and labels in
        0..9, int32.

    Raises:
        ConfigError: If an option is wrong.
        DataError: If the files are missing or damaged.
        OfflineError: If they had to be downloaded and could not be.

    Reference:
        [Lin et al., 2019](https://arxiv.org/abs/1912.12854)
    """
    return overlaid(
        "multi_fashion",
        "fashion_mnist",
        standardise=Standardise(mean=0.2860, std=0.3530),
        batch_size=batch_size,
        seed=seed,
        options={
            "dir": dir,
            "offset": offset,
            "size": size,
            "pairs": pairs,
            "validation": validation,
            "split_seed": split_seed,
        },
        class_names=CLASSES,
    )
