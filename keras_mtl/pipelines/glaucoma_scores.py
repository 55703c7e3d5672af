"""How good the measurements of eyes are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keras_mtl.retina import (
    Eye,
    Fovea,
    VCDRClassifier,
    dice,
    fovea_distance,
    fuse_scores,
    vcdr_error,
)
from keras_mtl.retina.eye import MASKS

# Where the distances of papers are measured.
_SIDE = (256, 256)


@dataclass(frozen=True)
class Labelled:
    """Eyes with what is known of them.

    Args:
        truths: The annotations, one an eye.
        found: What the network says of the same eyes.
        shape: Height and width of the maps.
        sizes: Height and width of every photograph; `None` where they are
            not known.
    """

    truths: Sequence[Eye]
    found: Sequence[Eye]
    shape: tuple[int, int]
    sizes: Sequence[tuple[int, int]] | None = None


def scores(
    eyes: Labelled, classifier: VCDRClassifier | None
) -> dict[str, dict[str, float]]:
    """Scores of the pipeline; see `Glaucoma`.

    Args:
        eyes: Eyes with annotations.
        classifier: Regression on the cup-to-disc ratio, or `None`.

    Returns:
        Task to metric to value; NaN where it is not defined.
    """
    found = {
        name: {"refined_dice": _dice(eyes, name)}
        for name in MASKS
        if any(name in eye.masks for eye in eyes.found)
    }
    if set(found) == set(MASKS):
        error = vcdr_error(ratios(eyes.truths), ratios(eyes.found))
        found["cup"] |= {
            "vcdr_error": error.value,
            "vcdr_undefined": float(error.num_undefined),
        }
    if any(eye.score is not None for eye in eyes.found):
        found["glaucoma"] = _glaucoma(eyes, classifier)
    if any(eye.fovea is not None for eye in eyes.found):
        found["fovea"] = _fovea(eyes)
    return {task: metrics for task, metrics in found.items() if metrics}


def ratios(eyes: Sequence[Eye]) -> list[float]:
    """Cup-to-disc ratios; NaN where there is none."""
    return [eye.ratio.value if eye.ratio else math.nan for eye in eyes]


def _dice(eyes: Labelled, name: str) -> float:
    """Mean over the eyes with an annotation."""
    pairs = zip(eyes.truths, eyes.found, strict=True)
    each = [
        dice(truth.masks[name], eye.masks[name])
        for truth, eye in pairs
        if name in truth.masks
    ]
    return _mean(np.array(each))


def _glaucoma(
    eyes: Labelled, classifier: VCDRClassifier | None
) -> dict[str, float]:
    if classifier is None:
        return {}
    labels = _answers(eyes.truths)
    by_ratio = classifier.probability(ratios(eyes.found))
    fused = fuse_scores(_answers(eyes.found).tolist(), by_ratio.tolist())
    return {
        "vcdr_auroc": _auroc(labels, by_ratio),
        "fused_auroc": _auroc(labels, fused),
        "fused_accuracy": _share((fused > 0.5) == (labels > 0.5), labels >= 0),
        "fused_sensitivity": _share(fused > 0.5, labels > 0.5),
        "fused_specificity": _share(fused <= 0.5, labels <= 0.5),
    }


def _answers(eyes: Sequence[Eye]) -> NDArray[np.float64]:
    return np.array([math.nan if e.score is None else e.score for e in eyes])


def _share(right: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float(right[among].mean()) if among.any() else math.nan


def _auroc(labels: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Over the eyes with both; NaN unless there are both answers."""
    from sklearn.metrics import roc_auc_score

    known = ~(np.isnan(labels) | np.isnan(found))
    if len(set(labels[known].tolist())) < 2:
        return math.nan
    return float(roc_auc_score(labels[known], found[known]))


def _fovea(eyes: Labelled) -> dict[str, float]:
    name = "fovea_distance"
    each = {f"{name}_256": _distances(eyes, [_SIDE] * len(eyes.found))}
    if eyes.sizes is not None:
        each[f"{name}_original"] = _distances(eyes, eyes.sizes)
    undefined = np.isnan(each[f"{name}_256"])
    means = {key: _mean(listed[~undefined]) for key, listed in each.items()}
    return {**means, "fovea_undefined": float(undefined.sum())}


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _distances(
    eyes: Labelled, sizes: Sequence[tuple[int, int]]
) -> NDArray[np.float64]:
    """Of the eyes with an annotation, in pixels of images of given sizes."""
    return np.array(
        [
            fovea_distance(
                truth.fovea.resized(eyes.shape, size),
                found.fovea.resized(eyes.shape, size),
            )
            for truth, found, size in zip(
                eyes.truths, eyes.found, sizes, strict=True
            )
            if isinstance(truth.fovea, Fovea) and isinstance(found.fovea, Fovea)
        ]
    )
