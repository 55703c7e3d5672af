"""What the numbers of a run mean, so that others can be put beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Definitions = dict[str, dict[str, dict[str, Any]]]

# Says nothing about the value.
_LEFT_OUT = ("name", "dtype")


def metric_definitions(trainer: Any) -> Definitions:
    """The definitions of the losses and metrics of every task.

    Args:
        trainer: A compiled trainer that has evaluated: a metric may return
            several values, which only its result names.

    Returns:
        Task to name (`loss`, and as in `metrics.json`) to `class`, import
        path, `config`, its plain options, and `higher_is_better`, if it says
        so.
    """
    found: Definitions = {task: {} for task in trainer.tasks}
    for task, task_loss in trainer.task_losses.items():
        loss = getattr(task_loss, "loss", task_loss)
        found[task]["loss"] = _definition(loss)
    for part in (trainer.scores.plain, trainer.scores.weighted):
        for task, metrics in part.items():
            for metric in metrics:
                found[task] |= dict.fromkeys(
                    _names(metric), _definition(metric)
                )
    return found


def _names(metric: Any) -> Iterable[str]:
    result = metric.result()
    return list(result) if isinstance(result, dict) else [metric.name]


def _definition(component: Any) -> dict[str, Any]:
    own = component if hasattr(component, "__name__") else type(component)
    options = dict(getattr(component, "get_config", dict)())
    # The configuration of `keras.losses.Huber` and others lacks these.
    options |= getattr(component, "_fn_kwargs", {})
    config = {
        key: value
        for key, value in options.items()
        if key not in _LEFT_OUT and _is_plain(value)
    }
    found: dict[str, Any] = {
        "class": f"{own.__module__}:{own.__name__}",
        "config": config,
    }
    direction = getattr(component, "higher_is_better", None)
    if direction is not None:
        found["higher_is_better"] = bool(direction)
    return found


def _is_plain(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
