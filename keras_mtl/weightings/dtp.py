"""DTP: tasks that do badly on their metric come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.typing import Logs, Tensor
from keras_mtl.weightings.base import Weighting


def dtp_weights(performance: Tensor, gamma: float = 1.0) -> Tensor:
    """Weights `-(1 - k) ** gamma * log(k)` of the performances `k`.

    Args:
        performance: Float tensor, shape `(num_tasks,)`, in (0, 1].
        gamma: Focus on hard tasks, at least 0.

    Returns:
        Float tensor, shape `(num_tasks,)`: 0 for a perfect task.

    Reference:
        [Guo et al., 2018](https://doi.org/10.1007/978-3-030-01270-0_17)
    """
    performance = ops.convert_to_tensor(performance)
    return -((1.0 - performance) ** gamma) * ops.log(performance)


@keras.saving.register_keras_serializable(package="keras_mtl")
class DTP(Weighting):
    """Dynamic task prioritisation, by a validation metric between 0 and 1.

    Weights are 1 until the metrics are there, and change once an epoch.

    Args:
        metric: Name of a metric that every task has (1 is perfect), such as
            `"accuracy"`, or task name to name of a metric. Validation values
            are read if there are any, training values otherwise.
        gamma: Focus on hard tasks, at least 0.
        alpha: Rate of the metric's moving average, in (0, 1].
        smallest: Lower limit of the performance, which bounds the weights;
            in (0, 1).
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If an option is out of range, or (at the end of an epoch)
            a metric is missing or outside [0, 1].
    """

    reads_metrics: ClassVar[bool] = True
    paper: ClassVar[str] = (
        "Guo et al., 2018, https://doi.org/10.1007/978-3-030-01270-0_17"
    )

    def __init__(
        self,
        metric: str | Mapping[str, str] = "accuracy",
        gamma: float = 1.0,
        alpha: float = 0.5,
        smallest: float = 1e-3,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if gamma < 0.0 or not 0.0 < alpha <= 1.0 or not 0.0 < smallest < 1.0:
            raise ValueError(
                "`gamma` must be at least 0, `alpha` in (0, 1] and `smallest` "
                f"in (0, 1). Received: gamma={gamma!r}, alpha={alpha!r}, "
                f"smallest={smallest!r}."
            )
        self.metric = dict(metric) if isinstance(metric, Mapping) else metric
        self.gamma = gamma
        self.alpha = alpha
        self.smallest = smallest

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the averages of the metrics."""
        super().build_state(tasks)
        if isinstance(self.metric, Mapping) and set(self.metric) != set(tasks):
            raise ValueError(
                "`metric` must name one metric for each of the tasks "
                f"{list(tasks)}. Received: {sorted(self.metric)}."
            )
        # 0 stands for no value yet.
        self.average = self.add_state("average")

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Weights of this epoch. See `dtp_weights`."""
        average = ops.convert_to_tensor(self.average)
        known = average > 0.0
        safe = ops.where(known, average, 1.0)
        ones = ops.ones_like(average)
        return ops.where(known, dtp_weights(safe, self.gamma), ones)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Averages the metrics of the epoch."""
        found = [self._performance(task, logs) for task in self.tasks]
        now = ops.convert_to_tensor(found, self.average.dtype)
        now = ops.maximum(now, self.smallest)
        average = ops.convert_to_tensor(self.average)
        moved = self.alpha * now + (1.0 - self.alpha) * average
        self.average.assign(ops.where(average > 0.0, moved, now))

    def _performance(self, task: str, logs: Logs) -> float:
        by_task = isinstance(self.metric, Mapping)
        name = self.metric[task] if by_task else self.metric  # type: ignore[index]
        for key in (f"val_{task}_{name}", f"{task}_{name}"):
            if key in logs:
                value = float(logs[key])
                break
        else:
            raise ValueError(
                f"DTP needs the metric {name!r} of task {task!r} at the end "
                f"of an epoch. Received: {sorted(logs)}. Compile the trainer "
                "with that metric, or choose another with `metric`."
            )
        if not 0.0 <= value <= 1.0:
            raise ValueError(
                f"DTP needs metrics between 0 and 1. Received: {key}={value}."
            )
        return value

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "metric": self.metric,
            "gamma": self.gamma,
            "alpha": self.alpha,
            "smallest": self.smallest,
        }
