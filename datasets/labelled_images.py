"""Grey images with one label each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelledImages:
    """Images and their classes.

    Args:
        images: Uint8, shape `(num_images, height, width)`.
        labels: Int, shape `(num_images,)`, classes from 0.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.integer[Any]]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[np.int64]) -> LabelledImages:
        """The images with these indices."""
        return LabelledImages(self.images[index], self.labels[index])

    def digest(self) -> str:
        """SHA-256 (hex) of the pixels and of the labels."""
        digest = hashlib.sha256(np.ascontiguousarray(self.images).data)
        digest.update(np.ascontiguousarray(self.labels, "<i8").data)
        return digest.hexdigest()
