"""What is known of metrics: which way is better, and what is a fraction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """How to read the values of a metric.

    Args:
        direction: 1 where higher is better, -1 where lower is.
        is_fraction: Whether values lie in [0, 1] and may be shown in percent.
    """

    direction: int
    is_fraction: bool = False


_SHARE = Definition(1, is_fraction=True)
_ERROR = Definition(-1)

# In the order of a table's columns.
DEFINITIONS = {
    "accuracy": _SHARE,
    "binary_accuracy": _SHARE,
    "categorical_accuracy": _SHARE,
    "sparse_categorical_accuracy": _SHARE,
    "sparse_top_k_categorical_accuracy": _SHARE,
    "top_k_categorical_accuracy": _SHARE,
    "auc": _SHARE,
    "auroc": _SHARE,
    "sensitivity": _SHARE,
    "specificity": _SHARE,
    "precision": _SHARE,
    "macro_precision": _SHARE,
    "recall": _SHARE,
    "macro_recall": _SHARE,
    "f1": _SHARE,
    "f1_score": _SHARE,
    "macro_f1": _SHARE,
    "balanced_accuracy": _SHARE,
    "mean_iou": _SHARE,
    "iou": _SHARE,
    "binary_iou": _SHARE,
    "pixel_accuracy": _SHARE,
    "dice": _SHARE,
    "dice_score": _SHARE,
    "within_11.25": _SHARE,
    "within_11_25": _SHARE,
    "within_22.5": _SHARE,
    "within_22_5": _SHARE,
    "within_30": _SHARE,
    "r2_score": Definition(1),
    "cosine_similarity": Definition(1),
    "error": Definition(-1, is_fraction=True),
    "error_rate": Definition(-1, is_fraction=True),
    "absolute_error": _ERROR,
    "relative_error": _ERROR,
    "mean_absolute_error": _ERROR,
    "mean_absolute_percentage_error": _ERROR,
    "mean_squared_error": _ERROR,
    "root_mean_squared_error": _ERROR,
    "mean_angle": _ERROR,
    "median_angle": _ERROR,
    "angle_error": _ERROR,
    "vcdr_error": _ERROR,
    "fovea_distance": _ERROR,
    "distance": _ERROR,
    "loss": _ERROR,
}
_ORDER = {name: place for place, name in enumerate(DEFINITIONS)}


def definition(metric: str) -> Definition | None:
    """What is known of a metric; `None` for an unknown one.

    Args:
        metric: Its name; a number that Keras appended (`auc_1`) is ignored.
    """
    known = DEFINITIONS.get(metric)
    if known is None:
        stem, _, number = metric.rpartition("_")
        known = DEFINITIONS.get(stem) if number.isdecimal() else None
    return known


def order(metric: str) -> tuple[int, str]:
    """Sorts metrics: known ones in the order of the table, then by name."""
    return _ORDER.get(metric, len(_ORDER)), metric
