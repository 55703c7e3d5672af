"""Cutting a set of labelled samples into parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.random_numbers import key


def stratified(
    labels: NDArray[np.integer[Any]], counts: Sequence[int], seed: int
) -> list[NDArray[np.int64]]:
    """Disjoint random parts with the class proportions of the whole.

    Args:
        labels: Class of each sample, shape `(num_samples,)`.
        counts: Sizes of the parts to cut off, at most `num_samples` in all.
        seed: Seed of the draw.

    Returns:
        Sorted sample indices: what remains, then each part.
    """
    order = np.random.default_rng(key(seed, "parts")).permutation(len(labels))
    # Spread each class evenly over [0, 1): every stretch is then stratified.
    place = np.empty(len(labels))
    for label in np.unique(labels):
        members = order[labels[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    order = order[np.argsort(place[order], kind="stable")]
    parts = np.split(order, np.cumsum(counts))
    return [np.sort(part) for part in (parts[-1], *parts[:-1])]
