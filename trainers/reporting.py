"""What a trainer tells of itself: metrics, weights, divergence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from keras_mtl.aggregators.base import state_dtype
from keras_mtl.backend.movement import Movement
from keras_mtl.backend.phase import Batch, Phase, PhaseResult
from keras_mtl.backend.scalar_telemetry import ScalarTelemetry
from keras_mtl.backend.telemetry import Telemetry, TelemetryGroup
from keras_mtl.losses import TaskLoss
from keras_mtl.trainers.compilation import (
    check_tasks,
    per_task_losses,
    per_task_metrics,
)
from keras_mtl.trainers.divergence import Divergence, first_divergence
from keras_mtl.trainers.loss_scales import (
    add_step,
    loss_scale_telemetry,
    scale_before,
)
from keras_mtl.trainers.saving import SavedTrainer
from keras_mtl.trainers.task_losses import TaskLosses
from keras_mtl.trainers.task_metrics import Metrics, TaskMetrics
from keras_mtl.typing import Logs, Tensor


class ReportingTrainer(SavedTrainer):
    """The part of a trainer that callbacks and users read from.

    Its constructor is that of `keras.Model`; `Trainer` fills in the
    attributes.
    """

    tasks: tuple[str, ...]
    step: keras.Variable
    # Training batch at which the loss of each task left the finite; 0: never.
    diverged_at: keras.Variable
    task_losses: Mapping[str, TaskLoss]
    loss_tracker: TaskLosses
    scores: TaskMetrics
    telemetries: list[Telemetry]
    loss_scales: ScalarTelemetry | None
    loss_weights: Mapping[str, float]
    phases: tuple[Phase, ...]
    movement: Movement | None = None
    _group_optimizers: Mapping[str, keras.optimizers.Optimizer]

    def set_objectives(
        self,
        loss: Any,
        loss_weights: Mapping[str, float] | None,
        metrics: Any,
        weighted_metrics: Any,
    ) -> None:
        """Takes what `compile` was given; see `Trainer.compile`."""
        losses = per_task_losses(loss, self.tasks, state_dtype())
        self.task_losses = losses
        self.loss_weights = dict(loss_weights or {})
        check_tasks("loss_weights", self.loss_weights, self.tasks)
        self.scores = TaskMetrics(
            per_task_metrics("metrics", metrics, losses),
            per_task_metrics("weighted_metrics", weighted_metrics, losses),
        )
        self.loss_tracker = TaskLosses(self.tasks, self.loss_weights)

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """Everything that is reset between epochs."""
        if not self.compiled:
            return []
        return [self.loss_tracker, *self.scores.all]

    @property
    def task_metrics(self) -> Metrics:
        """Task to its metrics, those of `weighted_metrics` left out."""
        return self.scores.plain

    @property
    def metrics_names(self) -> list[str]:
        """Names of what `evaluate` returns as a list: `loss` comes first."""
        return list(self.get_metrics_result()) if self.compiled else []

    def get_metrics_result(self) -> Logs:
        """`loss`, `<task>_loss`, `<task>_<metric>`."""
        return {**self.loss_tracker.result(), **self.scores.results()}

    def _flatten_metrics_in_order(self, logs: Logs) -> Any:
        """What Keras returns of `evaluate` and `train_on_batch` as a list."""
        return [logs[name] for name in self.metrics_names if name in logs]

    def healthy(self) -> Tensor:
        """Whether no training loss was infinite or not a number so far."""
        return ops.all(ops.equal(self.diverged_at.value, 0))

    def divergence(self) -> Divergence | None:
        """The first training loss that was not finite, if any was.

        From that step on nothing is trained. What was trained before it is
        in the last checkpoint saved before: the loss may be a late sign.
        """
        return first_divergence(self.tasks, self.diverged_at.numpy())

    def task_weights(self) -> dict[str, float]:
        """Task to the mean weight of its gradient since the last reset.

        The loss weight, where nothing else sets or has yet set a weight.
        """
        measured = self.telemetry.result() if self.telemetry else {}
        return {
            task: measured.get(
                f"weight/{task}", float(self.loss_weights.get(task, 1.0))
            )
            for task in self.tasks
        }

    @property
    def telemetry(self) -> TelemetryGroup | None:
        """Means of norms, cosines and weights since its last reset."""
        if not self.compiled:
            return None
        members = [*self.telemetries]
        if self.loss_scales is not None:
            members.append(self.loss_scales)
        return TelemetryGroup(members) if members else None

    @property
    def optimizers(self) -> dict[str, keras.optimizers.Optimizer]:
        """Group name to the optimizer that steps for it."""
        return dict(self._group_optimizers) if self.compiled else {}

    def follow(self, movement: Movement) -> None:
        """Measures from now on how far the steps move variables.

        To be called again after `compile`, which makes new phases.

        Args:
            movement: Where the lengths of the steps are added up. Saved with
                the trainer, as `trainer.movement`.
        """
        if all(phase.movement is movement for phase in self.phases):
            return
        self.movement = movement
        self.phases = tuple(
            dataclasses.replace(phase, movement=movement)
            for phase in self.phases
        )
        self.train_function = None  # the one that was traced measures nothing

    def watch_scales(self) -> None:
        """Makes the telemetry of loss scaling, where there is any."""
        optimizers = self._group_optimizers.values()
        self.loss_scales = loss_scale_telemetry(optimizers)

    def watched(self, phase: Phase, batch: Batch) -> PhaseResult:
        """Runs one phase, and sees whether its step was skipped."""
        if self.loss_scales is None:
            return self.step_phase(phase, batch)
        before = scale_before(phase.optimizer)
        result = self.step_phase(phase, batch)
        add_step(self.loss_scales, phase.optimizer, before)
        return result

    def step_phase(self, phase: Phase, batch: Batch) -> PhaseResult:
        """Runs one phase.

        Args:
            phase: One of `self.phases`.
            batch: Inputs, labels and sample weights.

        Returns:
            Losses and outputs before the step.
        """
        # Late, so that TensorFlow is imported on first use.
        from keras_mtl.backend.tensorflow import run_phase

        return run_phase(phase, batch, self.task_losses, self.healthy())

    def watch(self, losses: Tensor) -> None:
        """Remembers the step at which each task's loss left the finite."""
        bad = ops.logical_not(ops.isfinite(losses))
        new = ops.logical_and(bad, self.diverged_at.value == 0)
        self.diverged_at.assign(
            ops.where(new, self.step.value, self.diverged_at.value)
        )
