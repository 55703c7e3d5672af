"""What is known of metrics: which way is better, and what is a fraction."""

from __future__ import annotations

import re
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
    "acc": _SHARE,
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
    "recall": _SHARE,
    "f1": _SHARE,
    "f1_score": _SHARE,
    "mean_iou": _SHARE,
    "mean_io_u": _SHARE,
    "binary_iou": _SHARE,
    "binary_io_u": _SHARE,
    "iou": _SHARE,
    "pixel_accuracy": _SHARE,
    "dice": _SHARE,
    "within": _SHARE,
    "cosine_similarity": Definition(1),
    "r2_score": Definition(1),
    "error": Definition(-1, is_fraction=True),
    "error_rate": Definition(-1, is_fraction=True),
    "absolute_error": _ERROR,
    "relative_error": _ERROR,
    "mae": _ERROR,
    "mean_absolute_error": _ERROR,
    "mean_absolute_percentage_error": _ERROR,
    "mse": _ERROR,
    "mean_squared_error": _ERROR,
    "rmse": _ERROR,
    "root_mean_squared_error": _ERROR,
    "mean_angle": _ERROR,
    "median_angle": _ERROR,
    "vcdr_error": _ERROR,
    "fovea_distance": _ERROR,
    "fovea_distance_original": _ERROR,
    "loss": _ERROR,
}
_VARIANT = re.compile(
    r"^(?:published_|refined_|vcdr_|fused_)?(.+?)(?:(?:_\d+)+)?$"
)
_ORDER = {name: place for place, name in enumerate(DEFINITIONS)}


def definition(metric: str) -> Definition | None:
    """What is known of a metric; `None` for an unknown one.

    Args:
        metric: Its name. Numbers at its end (`auc_1`, `within_11_25`) and
            `published_`, `refined_`, `vcdr_` or `fused_` before it name
            variants of one kind.
    """
    return DEFINITIONS.get(metric) or DEFINITIONS.get(_stem(metric))


def order(metric: str) -> tuple[int, str]:
    """Sorts metrics: known ones in the order of the table, then by name."""
    last = len(_ORDER)
    return _ORDER.get(metric, _ORDER.get(_stem(metric), last)), metric


def _stem(metric: str) -> str:
    found = _VARIANT.match(metric)
    return found[1] if found else metric
