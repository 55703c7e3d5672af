"""What every similarity of classes has in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class ClassSimilarity:
    """Similarities of target classes to source classes.

    Args:
        matrix: Float64, shape `(num_targets, num_sources)`; 0 or less means
            that they have nothing in common.
        class_types: `"included"`, `"inclusive"` or `"disjoint"` for each
            target class, where the similarity knows.
        notes: What could not be looked up, one sentence each.
    """

    matrix: npt.NDArray[np.float64]
    class_types: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


class Similarity(Protocol):
    """Compares the classes of two classifiers."""

    def __call__(
        self,
        source_model: Any,
        source_classes: Sequence[str],
        target_classes: Sequence[str],
    ) -> ClassSimilarity:
        """Compares every target class with every source class.

        Args:
            source_model: Model from images to source logits, shape
                `(batch, num_sources)`.
            source_classes: Names of the source classes, in order.
            target_classes: Names of the target classes, in order.

        Returns:
            The similarities.
        """
        ...
