"""How well each output of a classifier detects each of other classes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def f_scores(
    predicted: npt.ArrayLike,
    labels: npt.ArrayLike,
    num_sources: int,
    num_targets: int,
) -> npt.NDArray[np.float64]:
    """F-scores of the source outputs as detectors of the target classes.

    Source output j says "class i" for the images it predicts; with `hits` of
    them in class i, the F-score is `2 hits / (predicted j + labelled i)`.

    Args:
        predicted: Int, shape `(num_images,)`: the largest source output.
        labels: Int, shape `(num_images,)`: target classes.
        num_sources: Number of source outputs.
        num_targets: Number of target classes.

    Returns:
        Float64, shape `(num_targets, num_sources)`, in [0, 1]; 0 where there
        is neither an image of the class nor a prediction.

    Raises:
        ValueError: If the lengths differ, or an id is out of its range.
    """
    sources = _ids("predicted", predicted, num_sources)
    targets = _ids("labels", labels, num_targets)
    if len(sources) != len(targets):
        raise ValueError(
            "`predicted` and `labels` must have one number for each image. "
            f"Received: {len(sources)} and {len(targets)}."
        )
    hits = np.zeros((num_targets, num_sources), np.float64)
    np.add.at(hits, (targets, sources), 1.0)
    totals = hits.sum(axis=1, keepdims=True) + hits.sum(axis=0, keepdims=True)
    scores = np.zeros_like(hits)
    np.divide(2 * hits, totals, out=scores, where=totals > 0)
    return scores


def _ids(
    name: str, values: npt.ArrayLike, number: int
) -> npt.NDArray[np.int64]:
    ids = np.asarray(values, np.int64)
    if ids.ndim != 1 or np.any(ids < 0) or np.any(ids >= number):
        raise ValueError(
            f"`{name}` must be a vector of class ids from 0 to {number - 1}. "
            f"Received: shape {ids.shape}, from {ids.min(initial=0)} to "
            f"{ids.max(initial=0)}."
        )
    return ids
