"""The task of every sample of a batch that holds the samples of all tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class TaskIds(keras.layers.Layer):
    """One id for each sample: the first id for the first part, and so on.

    Args:
        tasks: Ids of the parts, each 0 or more; the batch holds one part of
            equal size for each.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape: `(len(tasks) * batch, ...)`, as `TileTasks` gives.
    Output shape: `(len(tasks) * batch,)`, int32.

    Raises:
        ValueError: If `tasks` is empty.
    """

    def __init__(self, tasks: Sequence[int], **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.tasks = [int(task) for task in tasks]
        if not self.tasks:
            raise ValueError(
                "`tasks` must name at least one task. Received: tasks=[]."
            )

    def call(self, features: Tensor) -> Tensor:
        """The ids."""
        each = ops.shape(features)[0] // len(self.tasks)
        ids = ops.reshape(ops.convert_to_tensor(self.tasks, "int32"), (-1, 1))
        ids = ops.broadcast_to(ids, (len(self.tasks), each))
        return ops.reshape(ids, (-1,))

    def compute_output_spec(self, features: Any) -> Any:
        """One id per sample."""
        return keras.KerasTensor((features.shape[0],), dtype="int32")

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "tasks": self.tasks}
