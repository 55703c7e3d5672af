"""One copy of a batch for every task."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.layers.task_rows import check_num_tasks
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class TileTasks(keras.layers.Layer):
    """Repeats a whole batch, once per task.

    Args:
        num_tasks: Number of tasks `T`.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape: `(batch, ...)`. Output shape: `(T * batch, ...)`.
    """

    def __init__(self, num_tasks: int, **kwargs: Any) -> None:
        # Whatever the inputs are, they are passed on as they are.
        super().__init__(autocast=False, **kwargs)
        self.num_tasks = check_num_tasks(num_tasks)

    def call(self, features: Tensor) -> Tensor:
        """The batch, `T` times."""
        return ops.concatenate([features] * self.num_tasks, axis=0)

    def compute_output_spec(self, features: Any) -> Any:
        """As the features, with `T` times the samples."""
        batch, *rest = features.shape
        size = None if batch is None else batch * self.num_tasks
        return keras.KerasTensor((size, *rest), dtype=features.dtype)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "num_tasks": self.num_tasks}
