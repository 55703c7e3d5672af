"""Error of cup-to-disc ratios over several eyes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class VCDRError(NamedTuple):
    """Mean absolute error of vertical cup-to-disc ratios.

    Attributes:
        value: The mean over the eyes that have both ratios; NaN without any.
        num_defined: How many those are.
        num_undefined: Eyes with a label whose prediction is undefined. Say
            it beside the value: it does not count them.
    """

    value: float
    num_defined: int
    num_undefined: int


def vcdr_error(
    labels: Sequence[float], predictions: Sequence[float]
) -> VCDRError:
    """Mean absolute error of vertical cup-to-disc ratios.

    Args:
        labels: Ratios from the annotated masks; NaN where there is none.
        predictions: Ratios from the predicted masks; NaN where undefined.

    Returns:
        The error, and how many eyes it is of.

    Raises:
        ValueError: If the lengths differ.

    Example:
        >>> vcdr_error([0.5, 0.25, 0.7], [0.75, 0.25, float("nan")])
        VCDRError(value=0.125, num_defined=2, num_undefined=1)
    """
    truth, found = np.asarray(labels, float), np.asarray(predictions, float)
    if truth.shape != found.shape or truth.ndim != 1:
        raise ValueError(
            "`labels` and `predictions` must be lists of one length. "
            f"Received: {truth.shape} and {found.shape}."
        )
    labelled = ~np.isnan(truth)
    both = labelled & ~np.isnan(found)
    gaps = np.abs(truth - found)[both]
    value = float(gaps.mean()) if len(gaps) else math.nan
    undefined = int((labelled & ~both).sum())
    return VCDRError(value, int(both.sum()), undefined)
