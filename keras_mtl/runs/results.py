"""metrics.json: what a run came to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.runs.history import COUNTERS


def by_task(
    logs: Mapping[str, float | None], tasks: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Keras logs of one split, sorted by task.

    Args:
        logs: `<task>_<metric>` to value, without prefix.
        tasks: Names of the tasks; the longest that fits is taken.

    Returns:
        Task to metric to value; what belongs to no task is left out.
    """
    from keras_mtl.callbacks.tags import task_of

    sorted_logs: dict[str, dict[str, float]] = {task: {} for task in tasks}
    for key, value in logs.items():
        task, metric = task_of(key, tasks)
        if task is not None:
            # A checkpoint keeps null for a metric that no label defines.
            sorted_logs[task][metric] = (
                math.nan if value is None else (float(value))
            )
    return sorted_logs


def epoch_result(
    row: Mapping[str, float], tasks: Sequence[str]
) -> dict[str, Any]:
    """A row of the history, sorted by split and task.

    Args:
        row: Columns of `history.csv`.
        tasks: Names of the tasks.

    Returns:
        `epoch`, `step`, and `train` and `validation`, task to metric to
        value, with the total as `train_loss` and `validation_loss`.
    """
    logs = {k: v for k, v in row.items() if k not in COUNTERS}
    validation = {
        k.removeprefix("val_"): v for k, v in logs.items() if k[:4] == "val_"
    }
    train = {k: v for k, v in logs.items() if k[:4] != "val_"}
    result: dict[str, Any] = {"epoch": row["epoch"], "step": row["step"]}
    for name, part in (("train", train), ("validation", validation)):
        if part:
            result[f"{name}_loss"] = part.get("loss")
            result[name] = by_task(part, tasks)
    return result
