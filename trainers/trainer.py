"""The common part of all update schemes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import GeneratorType
from typing import Any

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, state_dtype
from keras_mtl.backend.phase import Batch, Gradients, Phase
from keras_mtl.backend.replicas import CollectiveBytes
from keras_mtl.graph import Split, split
from keras_mtl.trainers.batches import input_names, make_batch, outputs_of
from keras_mtl.trainers.compilation import check_replicas
from keras_mtl.trainers.epoch_end import WeightingEpochEnd
from keras_mtl.trainers.phases import (
    check_choices,
    copies_of,
    make_phase,
    make_telemetry,
)
from keras_mtl.trainers.reporting import ReportingTrainer
from keras_mtl.trainers.summary import empty_summary, phase_summary
from keras_mtl.trainers.task_optimizers import loss_scaled
from keras_mtl.typing import Logs, Tensor, Tensors
from keras_mtl.weightings.base import Weighting


class Trainer(ReportingTrainer):
    """Trains a model with named outputs; subclasses say in which phases.

    The model inside stays a plain Keras model, available as `trainer.model`.
    Everything that `keras.Model` offers works: `fit`, `evaluate`, `predict`,
    callbacks, `save`, `steps_per_execution`, mixed precision. To load a
    saved trainer, import `keras_mtl.trainers` first; the model inside needs
    nothing of this package.

    Args:
        model: Functional model whose output is a dict, task to tensor.
        aggregator: How the gradients of the shared variables are combined;
            `None` adds them.
        weighting: How the losses are weighted; `None` leaves them alone.
        gradients: `"weights"`, or `"representation"`: combine those at the
            frontier of trunk and heads, with one backward pass through the
            trunk instead of one per task.
        seed: Seed of what the scheme draws: groups and orders.
        telemetry: Whether to measure norms, cosines and conflicts even where
            that costs a backward pass per task.
        shared_variables: Of a model that is not Functional: those of all tasks.
        task_variables: Of a model that is not Functional: task to its own.
        **kwargs: Arguments of `keras.Model`.

    Raises:
        ValueError: If the model has no named outputs, or the choices do not
            fit each other.
    """

    def __init__(
        self,
        model: keras.Model,
        aggregator: Aggregator | None = None,
        weighting: Weighting | None = None,
        gradients: Gradients = "weights",
        seed: int = 0,
        telemetry: bool = False,
        shared_variables: Sequence[keras.Variable] | None = None,
        task_variables: Mapping[str, Sequence[keras.Variable]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.model = model
        self._named_variables = (shared_variables, task_variables)
        self.split = self._split()
        self.tasks: tuple[str, ...] = self.split.tasks
        self.gradients = gradients
        self.seed = seed
        self.measures = telemetry
        check_choices(self.groups, aggregator, weighting, gradients)
        self._given_aggregator = aggregator
        self.weighting = weighting
        if weighting is not None and not weighting.built:
            weighting.build_state(self.tasks)
        self.aggregators = copies_of(aggregator, self.groups, self.tasks)
        self.step = self._counter("step", ())
        self.diverged_at = self._counter("diverged_at", (len(self.tasks),))
        self.phases: tuple[Phase, ...] = ()
        self.collectives = CollectiveBytes()
        self.built = True

    # What a scheme decides -------------------------------------------------

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Tasks of each phase."""
        return (self.tasks,)

    def make_optimizers(
        self, optimizer: Any
    ) -> tuple[
        keras.optimizers.Optimizer, dict[str, keras.optimizers.Optimizer]
    ]:
        """The optimizer that callbacks see, and the one of each group.

        Args:
            optimizer: What `compile` was given.

        Returns:
            The whole, and a dict from group name to optimizer.
        """
        whole = loss_scaled(keras.optimizers.get(optimizer), self.scales_losses)
        whole.build(self.trainable_variables)
        return whole, {"+".join(group): whole for group in self.groups}

    def train_batch(self, batch: Batch) -> Tensor:
        """Runs the phases on a batch.

        Args:
            batch: Inputs, labels and sample weights.

        Returns:
            The summary of the phases, see `empty_summary`.
        """
        summary = empty_summary(len(self.tasks))
        for phase in self.phases:
            if any(task in batch.labels for task in phase.tasks):
                summary = summary + self.run(phase, batch)
        return summary

    # Keras's hooks ---------------------------------------------------------

    def call(self, inputs: Any, training: bool | None = None) -> Tensors:
        """Outputs of all tasks."""
        return self.model(inputs, training=training)  # type: ignore[no-any-return]

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Mapping[str, float] | None = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Configures training; see `keras.Model.compile`.

        Args:
            optimizer: Optimizer or its name.
            loss: Task to loss, or one loss for all tasks.
            loss_weights: Task to a constant factor on its loss.
            metrics: Task to metrics; unlabelled samples are left out.
            weighted_metrics: The same, weighted by the sample weights.
            run_eagerly: Whether to run without a graph.
            steps_per_execution: Training batches per compiled call.
            jit_compile: Whether to compile with XLA.
            auto_scale_loss: Whether to scale losses under `mixed_float16`.

        Raises:
            ValueError: If a task has no loss, or a name is no task.
        """
        self._compile_arguments = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
            "auto_scale_loss": auto_scale_loss,
        }
        self.scales_losses = (
            auto_scale_loss and self.dtype_policy.name == "mixed_float16"
        )
        with self.distribute_strategy.scope():
            self.set_objectives(loss, loss_weights, metrics, weighted_metrics)
            super().compile(
                optimizer=self._prepared(optimizer, jit_compile),
                run_eagerly=run_eagerly,
                steps_per_execution=steps_per_execution,
                jit_compile=jit_compile,
                auto_scale_loss=False,
            )

    def train_step(self, data: Any) -> Logs:
        """One training batch: all phases, in order."""
        batch = make_batch(data, self.tasks, input_names(self.model))
        self.step.assign_add(1)
        size = len(self.tasks)
        with self.collectives.counting():
            summary = self.train_batch(batch)
        losses = summary[:size]
        self.watch(losses)
        self.loss_tracker.update_state(losses, summary[size:-1], summary[-1])
        return self.get_metrics_result()

    def test_step(self, data: Any) -> Logs:
        """One evaluation batch: one forward pass for all tasks."""
        batch = make_batch(data, self.tasks, input_names(self.model))
        outputs = outputs_of(self.split, batch)
        values = [
            batch.loss(task, self.task_losses[task], outputs.get(task))
            for task in self.tasks
        ]
        extra = sum(self.model.losses) if self.model.losses else 0.0
        self.loss_tracker.update_state(
            ops.stack([value.value for value in values]),
            ops.stack([value.count for value in values]),
            ops.convert_to_tensor(extra, state_dtype()),
        )
        self.scores.update(batch, outputs)
        return self.get_metrics_result()

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Trains; see `keras.Model.fit`."""
        if self.weighting is not None:
            callbacks = WeightingEpochEnd.added_to(callbacks, self.weighting)
        if hasattr(x, "element_spec") or isinstance(x, GeneratorType):
            # Keras warns of its own default where it cannot shuffle.
            kwargs.setdefault("shuffle", False)
        arguments = (x, y, batch_size, epochs, verbose, callbacks)
        return super().fit(*arguments, **kwargs)

    # Parts that schemes use ------------------------------------------------

    def run(self, phase: Phase, batch: Batch) -> Tensor:
        """Runs one phase, and its metrics.

        Args:
            phase: One of `self.phases`.
            batch: Inputs, labels and sample weights.

        Returns:
            Its summary, see `phase_summary`.
        """
        result = self.watched(phase, batch)
        self.scores.update(batch, result.outputs)
        return phase_summary(phase, result)

    def _prepared(
        self, optimizer: Any, jit_compile: bool | str
    ) -> keras.optimizers.Optimizer:
        """The whole optimizer; phases and their optimizers are made."""
        self.split = self._split()
        whole, self._group_optimizers = self.make_optimizers(optimizer)
        self.phases = self._make_phases()
        self.watch_scales()
        check_replicas(self.distribute_strategy, self.phases, jit_compile)
        return whole

    def _make_phases(self) -> tuple[Phase, ...]:
        telemetries = make_telemetry(
            self.groups, self._given_aggregator, self.weighting, self.measures
        )
        self.telemetries = list(telemetries.values())
        return tuple(
            make_phase(
                self.split,
                group,
                self._group_optimizers["+".join(group)],
                aggregator=aggregator,
                weighting=self.weighting,
                gradients=self.gradients,
                telemetry=telemetries.get(group),
                loss_weights=self.loss_weights,
            )
            for group, aggregator in zip(
                self.groups, self.aggregators, strict=True
            )
        )

    def _split(self) -> Split:
        shared, own = self._named_variables
        return split(self.model, shared_variables=shared, task_variables=own)

    def _counter(self, name: str, shape: tuple[int, ...]) -> keras.Variable:
        return self.add_weight(
            shape, "zeros", dtype="int64", trainable=False, name=name
        )
