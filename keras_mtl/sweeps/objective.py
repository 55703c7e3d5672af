"""What a search looks at: the monitored value on the validation split."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from keras_mtl.errors import ConfigError
from keras_mtl.runs import RunFolder
from keras_mtl.runs.monitor import direction, improves

_RATE = "optimizer.learning_rate"


def rate_key(resolved: Mapping[str, Any]) -> str:
    """The key of the learning rate; of a schedule, that of its first rate.

    Args:
        resolved: A complete configuration.

    Raises:
        ConfigError: If the schedule has no such rate.
    """
    rate = resolved["optimizer"].get("learning_rate")
    if not isinstance(rate, Mapping):
        return _RATE
    if "initial_learning_rate" in rate:
        return f"{_RATE}.initial_learning_rate"
    raise ConfigError(
        f"--tune cannot tell which rate of the schedule {rate.get('name')!r} "
        f"to vary. Set a number: --set {_RATE}=1e-3."
    )


def check_validation(resolved: Mapping[str, Any], label: str) -> None:
    """Checks that there is something to choose a rate by.

    Args:
        resolved: A complete configuration.
        label: Its method, for the message.

    Raises:
        ConfigError: If there is no validation split, or what is monitored
            is not measured on it.
    """
    monitor = resolved["fit"]["monitor"]
    split = resolved["data"].get("validation")
    held_out = "validation" not in resolved["data"] or bool(split)
    if held_out and monitor.startswith("val_"):
        return
    raise ConfigError(
        f"--tune chooses by a value on the validation split, and {label!r} "
        f"has none (data.validation: {split}, fit.monitor: {monitor}). Hold "
        "samples out, for example --set data.validation=10000, and monitor "
        "a value that begins with val_."
    )


def objective(run: RunFolder) -> float | None:
    """The best monitored value of a finished run.

    Args:
        run: The run.

    Returns:
        The value; `None` if it was never a number.

    Raises:
        ConfigError: If it was not logged.
    """
    monitor = run.resolved["fit"]["monitor"]
    rows = run.history
    if not any(monitor in row for row in rows):
        raise ConfigError(
            f"--tune chooses by {monitor!r}, which the run in "
            f"{str(run.path)!r} has not logged: is there a validation split? "
            "Hold samples out, or set fit.monitor to a value of it."
        )
    way, best = goal(run.resolved), None
    for row in rows:
        value = row.get(monitor, math.nan)
        if improves(value, best, way):
            best = value
    return best


def goal(resolved: Mapping[str, Any]) -> str:
    """`"min"` or `"max"`: which way the monitored value improves."""
    fit = resolved["fit"]
    return direction(fit["monitor"], fit["mode"])
