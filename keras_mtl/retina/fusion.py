"""One glaucoma score from two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def fuse_scores(
    network: Sequence[float], ratio: Sequence[float]
) -> NDArray[np.float64]:
    """Mean of the network's probability and that of the cup-to-disc ratio.

    Args:
        network: Probabilities of the classification head, in [0, 1].
        ratio: Probabilities of `VCDRClassifier`, of the same length; NaN
            where the ratio is undefined.

    Returns:
        The final scores, in [0, 1]. An eye without a ratio has the network's
        alone.

    Raises:
        ValueError: If the lengths differ.

    Example:
        >>> fuse_scores([0.5, 0.25], [1.0, float("nan")]).tolist()
        [0.75, 0.25]

    Reference:
        L. Pascal, thesis, chapter 5.
    """
    first, second = np.asarray(network, float), np.asarray(ratio, float)
    if first.shape != second.shape:
        raise ValueError(
            "Both scores must be of the same eyes. Received: "
            f"{first.shape} and {second.shape}."
        )
    return np.where(np.isnan(second), first, (first + second) / 2)
