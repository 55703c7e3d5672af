"""What weightings that train one logarithm per task have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from keras import ops

from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting


class TrainedLogs(Weighting):
    """A weighting with one trainable number per task. See `Weighting`.

    Args:
        init: First value of the numbers: one for all, or by task.
        **kwargs: Arguments of `Weighting`.
    """

    # First part of the variables' names.
    trained: ClassVar[str] = "log"

    def __init__(
        self, init: float | Mapping[str, float] = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.init = dict(init) if isinstance(init, Mapping) else init

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the numbers."""
        super().build_state(tasks)
        values = self.per_task("init", self.init, 0.0)
        self.logs = self.add_trained(self.trained, values)

    def total(self, present: Tensor | None = None) -> Tensor:
        """The sum of the numbers of the present tasks: a scalar."""
        logs = self.joined(self.logs)
        if present is not None:
            logs = logs * ops.cast(present, logs.dtype)
        return ops.sum(logs)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "init": self.init}
