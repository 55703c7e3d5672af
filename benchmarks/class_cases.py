"""Which classes `similar_classes.py` trains on first, and which follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_mtl.datasets.idx import read_idx
from keras_mtl.datasets.multi_fashion import CLASSES

DIGITS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
)


@dataclass(frozen=True)
class Case:
    """Ten classes, half of them for the source.

    Args:
        folder: Folder of the images, in the data folder.
        names: Of the ten classes.
        targets: Ids of the five that follow; `None`: drawn by the seed.
    """

    folder: str
    names: tuple[str, ...]
    targets: tuple[int, ...] | None

    def ids(self, seed: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Ids of the source classes and of the target classes."""
        drawn = np.random.default_rng(seed).permutation(10)[:5]
        targets = self.targets or tuple(sorted(int(i) for i in drawn))
        sources = tuple(i for i in range(10) if i not in targets)
        return sources, targets


# Trouser, coat, shirt and boot have a relative among the others (dress,
# pullover, T-shirt, sneaker), the bag has none.
CASES = {
    "relatives": Case("FashionMNIST", CLASSES, (1, 4, 6, 8, 9)),
    "reversed": Case("FashionMNIST", CLASSES, (0, 2, 3, 5, 7)),
    "drawn": Case("FashionMNIST", CLASSES, None),
    "digits": Case("MNIST", DIGITS, (5, 6, 7, 8, 9)),
}


def read(root: Path, part: str, classes: tuple[int, ...]) -> tuple[Any, Any]:
    """Images in [0, 1], shape `(n, 28, 28, 1)`, and ids from 0 up."""
    images = read_idx(_file(root, f"{part}-images"), 3)
    labels = read_idx(_file(root, f"{part}-labels"), 1)
    kept = np.isin(labels, classes)
    x = images[kept][..., None].astype("float32") / 255
    return x, np.searchsorted(classes, labels[kept])


def few(x: Any, y: Any, number: int, seed: int) -> tuple[Any, Any]:
    """`number` samples of each class, drawn by the seed."""
    generator = np.random.default_rng(seed)
    rows = [
        generator.permutation(np.flatnonzero(y == one))[:number]
        for one in np.unique(y)
    ]
    order = generator.permutation(np.concatenate(rows))
    return x[order], y[order]


def _file(root: Path, start: str) -> Path:
    found = sorted(root.rglob(f"{start}*"))
    if not found:
        raise SystemExit(f"{root} must hold {start}-idx?-ubyte, also as .gz.")
    return found[0]
