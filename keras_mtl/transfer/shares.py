"""From similarities of classes to weights of a new classifier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def class_shares(
    similarity: npt.ArrayLike, k: int | Sequence[int]
) -> FloatArray:
    """How much each source class gives to each target class.

    A similarity of 0 or less gives nothing. Of equally similar sources, the
    first ones count among the nearest.

    Args:
        similarity: Finite numbers, shape `(num_targets, num_sources)`.
        k: How many of the nearest sources a target class is built from, 1 or
            more: one number, or one for each target class.

    Returns:
        Float64, shape `(num_targets, num_sources)`, in [0, 1]. A row sums to
        1, or is all zeros where no similarity is positive.

    Raises:
        ValueError: If a shape or a number does not fit.

    Reference:
        Pascal, Bost and Huet, CBMI 2019
    """
    values = _checked(similarity)
    counts = _counts(k, len(values))
    shares = np.zeros_like(values)
    for row, (own, count) in enumerate(zip(values, counts, strict=True)):
        nearest = np.argsort(-own, kind="stable")[:count]
        positive = np.maximum(own[nearest], 0.0)
        # The largest first, so that tiny numbers do not lose their ratio.
        top = positive.max(initial=0.0)
        if top > 0:
            scaled = positive / top
            shares[row, nearest] = scaled / scaled.sum()
    return shares


def combined(shares: npt.ArrayLike, weights: npt.ArrayLike) -> FloatArray:
    """Weights of the target classes: those of the sources, by their shares.

    Args:
        shares: Shape `(num_targets, num_sources)`, see `class_shares`.
        weights: Kernel or bias of the source classifier, shape
            `(..., num_sources)`.

    Returns:
        Float64, shape `(..., num_targets)`.
    """
    result: FloatArray = np.asarray(weights, np.float64) @ np.transpose(
        np.asarray(shares, np.float64)
    )
    return result


def _checked(similarity: npt.ArrayLike) -> FloatArray:
    values = np.asarray(similarity, np.float64)
    if values.ndim != 2 or not values.shape[1]:
        raise ValueError(
            "`similarity` must have shape (num_targets, num_sources), with a "
            f"source or more. Received: shape {values.shape}."
        )
    if not np.all(np.isfinite(values)):
        raise ValueError(
            "`similarity` must hold finite numbers. Received: "
            f"{int(np.sum(~np.isfinite(values)))} that are not. Use 0 for "
            "classes that cannot be compared."
        )
    return values


def _counts(k: int | Sequence[int], num_targets: int) -> list[int]:
    counts = [k] * num_targets if isinstance(k, int) else list(k)
    if len(counts) != num_targets or any(count < 1 for count in counts):
        raise ValueError(
            "`k` must be 1 or more, or one such number for each of the "
            f"{num_targets} target classes. Received: k={k!r}."
        )
    return counts
