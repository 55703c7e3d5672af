"""What a configuration says of a task, or of every task."""

from __future__ import annotations

from typing import Literal, NamedTuple

from keras_mtl.config.schema import RunConfig, TaskConfig

# In the place of a task: all that say nothing else.
EVERY = "*"


class Said(NamedTuple):
    """Something that the configuration says of a task.

    Args:
        task: The block that says it.
        key: Its name: that of the task, or `"*"`.
    """

    task: TaskConfig
    key: str


def said(
    config: RunConfig, name: str, field: Literal["loss", "metrics", "weight"]
) -> Said | None:
    """Looks up what is said of a task: by its own block, or for every task.

    Args:
        config: The configuration.
        name: Name of the task.
        field: What is looked for.

    Returns:
        The block and its name, or `None` where nothing is said.
    """
    for key in (name, EVERY):
        task = config.tasks.get(key)
        if task is not None and field in task.model_fields_set:
            return Said(task, key)
    return None
