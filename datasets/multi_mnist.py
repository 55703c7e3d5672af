"""MultiMNIST: two overlapping digits, one task each."""

from __future__ import annotations

from collections.abc import Sequence

from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.overlaid import overlaid
from keras_mtl.datasets.standardise import Standardise


def multi_mnist(
    batch_size: int = 256,
    seed: int = 0,
    dir: str | None = None,
    offset: Sequence[int] = (6, 6),
    size: int = 28,
    pairs: str = "fixed",
    validation: int | float = 10_000,
    split_seed: int = 0,
) -> MultiTaskData:
    """Two MNIST digits on one 36x36 canvas: `left` and `right`.

    The left digit is at (0, 0), the right one at `offset`, the brighter
    pixel wins where they overlap, and the canvas is resized to `size` by
    nearest neighbour. Pixels are standardised with mean 0.1307 and standard
    deviation 0.3081. The defaults draw the images of the published form;
    `validation: 0` gives its split, too: 60,000 for training and 10,000 for
    test, none for validation.

    Args:
        batch_size: Samples in a batch.
        seed: Seed of the order and of fresh partners, 0 or more.
        dir: Folder with the four MNIST files. `None` lets Keras download
            them.
        offset: Row and column of the right digit, in `[0, 28]`. Beyond 8
            the canvas grows to hold it.
        size: Side of the images after the resize. 36 means none (for
            offsets up to 8).
        pairs: `"fixed"`: each training image keeps its partner; `"fresh"`:
            it gets a new one every epoch. Validation and test are fixed.
        validation: Training images held out before pairing, stratified: a
            count, or a fraction below 1.
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
        [Sabour et al., 2017](https://arxiv.org/abs/1710.09829), in the form
        of [Sener and Koltun, 2018](https://arxiv.org/abs/1810.04650)
    """
    return overlaid(
        "multi_mnist",
        "mnist",
        standardise=Standardise(mean=0.1307, std=0.3081),
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
    )
