"""Whether a metric is better when it is smaller or larger."""

from __future__ import annotations

import math
import re

from keras_mtl.errors import ConfigError

_SMALLER = (
    "loss|error|crossentropy|perplexity|poisson|divergence|hinge|logcosh|"
    "distance|angle|false_positives|false_negatives|mse|mae|mape|msle|rmse|kld"
)
_LARGER = (
    "accuracy|acc|auc|precision|recall|f1_score|fbeta_score|score|iou|io_u|"
    "dice|similarity|true_positives|true_negatives|sensitivity|specificity|"
    "correlation|auroc|within"
)


def direction(monitor: str, mode: str = "auto") -> str:
    """Which way a logged value improves.

    Args:
        monitor: A key of the logs, such as `val_left_accuracy`.
        mode: `"min"`, `"max"`, or `"auto"` to tell by the name: losses and
            errors are minimised, accuracies and scores maximised.

    Returns:
        `"min"` or `"max"`.

    Raises:
        ConfigError: If `mode` is none of the three, or the name tells
            nothing.
    """
    if mode in ("min", "max"):
        return mode
    if mode != "auto":
        raise ConfigError(
            f"`mode` must be 'auto', 'min' or 'max'. Received: {mode!r}."
        )
    for names, found in ((_SMALLER, "min"), (_LARGER, "max")):
        if re.search(rf"(^|_)({names})$", monitor) or re.search(
            rf"(^|_)({names})(_at|_\d)", monitor
        ):
            return found
    raise ConfigError(
        f"Cannot tell from its name whether {monitor!r} is better small or "
        "large. Set `mode` to 'min' or 'max'."
    )


def improves(value: float, best: float | None, mode: str) -> bool:
    """Whether `value` is strictly better than `best`; NaN never is."""
    if math.isnan(value):
        return False
    if best is None:
        return True
    return value < best if mode == "min" else value > best
