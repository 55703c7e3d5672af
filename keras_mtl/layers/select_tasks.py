"""The samples of some tasks out of a batch that holds those of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_mtl.layers.task_rows import check_num_tasks
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class SelectTasks(keras.layers.Layer):
    """Takes the parts of some tasks, in the order in which they are named.

    Args:
        num_tasks: Number of tasks `T` in the batch.
        tasks: Which of them to take, each in `0 ... num_tasks - 1`.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape: `(T * batch, ...)`, task by task, as `TileTasks` gives.
    Output shape: `(len(tasks) * batch, ...)`.

    Raises:
        ValueError: If a task is out of range, or none is named.
    """

    def __init__(
        self, num_tasks: int, tasks: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.num_tasks = check_num_tasks(num_tasks)
        self.tasks = [int(task) for task in tasks]
        if not tasks or not all(0 <= t < num_tasks for t in self.tasks):
            raise ValueError(
                f"`tasks` must name tasks in 0 ... {num_tasks - 1}. Received: "
                f"tasks={tasks!r}."
            )

    def call(self, features: Tensor) -> Tensor:
        """The samples of the tasks."""
        each = ops.shape(features)[0] // self.num_tasks
        parts = [features[t * each : (t + 1) * each] for t in self.tasks]
        return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=0)

    def compute_output_spec(self, features: Any) -> Any:
        """As the features, with fewer samples."""
        batch, *rest = features.shape
        size = None
        if batch is not None:
            size = batch // self.num_tasks * len(self.tasks)
        return keras.KerasTensor((size, *rest), dtype=features.dtype)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "num_tasks": self.num_tasks,
            "tasks": self.tasks,
        }
