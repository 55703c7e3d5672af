"""Names of curves: one name for one idea, in training and validation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

VALIDATION = "val_"
# What callbacks log of the whole model: the first word is the group.
GROUPS = ("distance", "roaming")


def tasks_in(keys: Iterable[str]) -> tuple[str, ...]:
    """Names of tasks, told from the losses in a Keras log.

    Args:
        keys: Keys of the logs.

    Returns:
        Every `<task>` with a key `<task>_loss`, sorted.
    """
    trained = [key for key in keys if not key.startswith(VALIDATION)]
    return tuple(
        sorted(key[: -len("_loss")] for key in trained if key.endswith("_loss"))
    )


def task_of(key: str, tasks: Sequence[str]) -> tuple[str | None, str]:
    """Splits a key of the logs into task and metric.

    Args:
        key: Key without the `val_` prefix, such as `left_accuracy`.
        tasks: Names of the tasks; the longest that fits is taken.

    Returns:
        The task, or `None`, and the name of the metric.
    """
    for task in sorted(tasks, key=len, reverse=True):
        if key.startswith(f"{task}_"):
            return task, key[len(task) + 1 :]
    return None, key


def tag(key: str, tasks: Sequence[str]) -> str:
    """The TensorBoard tag of a key of the logs.

    Args:
        key: Key of the logs, with or without the `val_` prefix.
        tasks: Names of the tasks.

    Returns:
        `loss/total`, `loss/<task>`, `weight/<task>`, `metric/<task>/<name>`,
        `learning_rate`, `distance/<name>`, `roaming/<name>`, or
        `metric/<key>` for what belongs to no task.
    """
    key = key.removeprefix(VALIDATION)
    if key == "learning_rate":
        return key
    if key == "loss":
        return "loss/total"
    if key.startswith("weight_") and key[len("weight_") :] in tasks:
        return f"weight/{key[len('weight_') :]}"
    task, name = task_of(key, tasks)
    group, _, rest = key.partition("_")
    if task is None and group in GROUPS and rest:
        return f"{group}/{rest}"
    if task is None:
        return f"metric/{name}"
    return f"loss/{task}" if name == "loss" else f"metric/{task}/{name}"
