"""Alternating updates (IUS): one step per task, one optimizer."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.backend.movement import Movement
from keras_mtl.backend.phase import Batch, Gradients, Phase, PhaseResult
from keras_mtl.trainers.alike import Served, traced_phases
from keras_mtl.trainers.grouping import resolve_groups
from keras_mtl.trainers.summary import empty_summary
from keras_mtl.trainers.trainer import Trainer
from keras_mtl.typing import Groups, Tensor
from keras_mtl.weightings.base import Weighting

Order = Literal["fixed", "shuffled"]


@keras.saving.register_keras_serializable(package="keras_mtl")
class Alternating(Trainer):
    """One step per task (or group of tasks) on every batch, in order.

    Each task's forward pass sees the weights as the tasks before it left
    them. All steps are made by the same optimizer, so that its momenta mix
    the tasks. A step moves the shared variables that its tasks reach and
    their own heads, nothing else.

    The optimizer counts every step: `T` per batch, which is what a
    learning-rate schedule sees.

    Args:
        model: Functional model whose output is a dict, task to tensor.
        groups: `None`, every task for itself; a number of groups, dealt at
            random and evenly from the seed; or lists of task names.
        order: `"fixed"`, the order of `groups`, or `"shuffled"`: a new order
            for every batch, drawn from the seed.
        aggregator: How gradients are combined within a group.
        weighting: How the losses are weighted.
        gradients: `"weights"` or `"representation"`, within a group.
        seed: Seed of groups and orders.
        telemetry: Whether to measure gradients that no method reads.
        shared_variables: As in `Trainer`.
        task_variables: As in `Trainer`.
        **kwargs: Arguments of `keras.Model`.

    Raises:
        ValueError: If the groups are no partition of the tasks, or the
            choices do not fit each other.

    Reference:
        Pascal, 2021 (PhD thesis), chapter 4: MTL-IUS, eq. 4.4
    """

    def __init__(
        self,
        model: keras.Model,
        groups: Groups = None,
        order: Order = "fixed",
        aggregator: Aggregator | None = None,
        weighting: Weighting | None = None,
        gradients: Gradients = "weights",
        seed: int = 0,
        telemetry: bool = False,
        shared_variables: Sequence[keras.Variable] | None = None,
        task_variables: Mapping[str, Sequence[keras.Variable]] | None = None,
        **kwargs: Any,
    ) -> None:
        if order not in ("fixed", "shuffled"):
            raise ValueError(
                "`order` must be 'fixed' or 'shuffled'. Received: "
                f"order={order!r}."
            )
        self._given_groups = groups
        self.order = order
        super().__init__(
            model,
            aggregator=aggregator,
            weighting=weighting,
            gradients=gradients,
            seed=seed,
            telemetry=telemetry,
            shared_variables=shared_variables,
            task_variables=task_variables,
            **kwargs,
        )

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Tasks of each phase."""
        return resolve_groups(self.tasks, self._given_groups, self.seed)

    def make_optimizers(
        self, optimizer: Any
    ) -> tuple[
        keras.optimizers.Optimizer, dict[str, keras.optimizers.Optimizer]
    ]:
        """One optimizer for all groups; refuses what cannot step in parts."""
        if len(self.groups) > 1:
            _check_steps_in_parts(keras.optimizers.get(optimizer))
        return super().make_optimizers(optimizer)

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Configures training; see `Trainer.compile`.

        Of many groups whose heads, losses and optimizers are alike, one is
        traced for all.
        """
        super().compile(*args, **kwargs)
        self._serve()

    def follow(self, movement: Movement) -> None:
        """Measures how far the steps go; see `ReportingTrainer.follow`."""
        before = self.phases
        super().follow(movement)
        if self.phases is not before:
            self._serve()

    def _serve(self) -> None:
        """Finds the phases that one traced function serves."""
        found = {}
        # A step that the replicas make together cannot be a function.
        together = self.distribute_strategy.num_replicas_in_sync > 1
        if not together and not self.run_eagerly:
            found = traced_phases(self.split, self.phases, self.task_losses)
        self._served = _Served(found)

    def step_phase(self, phase: Phase, batch: Batch) -> PhaseResult:
        """Runs one phase, by the function it has in common with others."""
        if phase.name not in self._served.of:
            return super().step_phase(phase, batch)
        function, variables = self._served.of[phase.name]
        result: PhaseResult = function.run(
            phase, variables, batch, self.healthy()
        )
        return result

    def train_batch(self, batch: Batch) -> Tensor:
        """Runs the phases in the order of this batch."""
        if self.order == "fixed":
            return super().train_batch(batch)
        from keras_mtl.backend.order import run_in_order, shuffled_order

        phases = [
            phase
            for phase in self.phases
            if any(task in batch.labels for task in phase.tasks)
        ]
        order = shuffled_order(len(phases), self.seed, self.step.value)
        per_task = batch.per_task
        data = (batch.inputs, batch.labels, batch.weights)
        nothing = empty_summary(len(self.tasks))

        def step(phase: Phase, own: tuple[Any, Any, Any]) -> Any:
            inputs, labels, weights = own
            return self.run(phase, Batch(inputs, labels, weights, per_task))

        steps = [functools.partial(step, phase) for phase in phases]
        return run_in_order(steps, order, nothing, data)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        groups = [list(group) for group in self.groups]
        return {**super().get_config(), "groups": groups, "order": self.order}


@dataclasses.dataclass(frozen=True, eq=False)
class _Served:
    """Traced phases, out of sight of Keras's tracking."""

    of: Served


def _check_steps_in_parts(optimizer: keras.optimizers.Optimizer) -> None:
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer = optimizer.inner_optimizer
    if getattr(optimizer, "steps_in_parts", False):
        return
    if isinstance(optimizer, keras.optimizers.MultiOptimizer):
        raise ValueError(
            "MultiOptimizer steps all its variables at once, but this scheme "
            "steps the variables of one group at a time. Use `Independent`, "
            "which gives every group an optimizer of its own, or `Shared`."
        )
    if optimizer.gradient_accumulation_steps:
        raise ValueError(
            "Gradient accumulation would mix the gradients of different "
            "groups, since one optimizer serves them all. Received: "
            "gradient_accumulation_steps="
            f"{optimizer.gradient_accumulation_steps}. Use a larger batch, "
            "`Independent` or `Shared`."
        )
