"""The vocabulary of a training step, free of any framework's autodiff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.backend.telemetry import Telemetry
from keras_mtl.losses import TaskLoss
from keras_mtl.losses.task_loss import LossValue, labelled
from keras_mtl.typing import Tensor, Tensors
from keras_mtl.weightings.base import Weighting

if TYPE_CHECKING:
    from keras_mtl.backend.movement import Movement
    from keras_mtl.backend.perturbation import Perturbation
    from keras_mtl.backend.projection import Projection

Gradients = Literal["weights", "representation"]


@dataclass(frozen=True, eq=False)
class Phase:
    """One optimizer step: which tasks, which variables, combined how.

    Attributes:
        tasks: Names of its tasks, sorted: the order of every `[T]` axis.
        positions: Index of each of them among all tasks of the trainer.
        num_tasks: Number of all tasks of the trainer.
        forward: Model from the inputs to `{task: output}` of its tasks.
        shared: Variables reached by two of its tasks or more.
        own: Task to the variables that no other of its tasks reaches.
        optimizer: Steps on `variables`, and on those of the weighting.
        aggregator: Combines the gradients of `shared`.
        weighting: Weights of all the trainer's tasks, or `None`.
        split: Trunk and heads of `forward`, where the gradients are taken at
            the frontier; `None` takes them at the weights.
        telemetry: Where norms and cosines go; `None` measures nothing.
        loss_weights: Task to a constant factor on its loss; 1 by default.
        perturbation: Noise on variables in the forward pass; `None`: none.
        projection: Region that a step may not leave; `None`: anywhere.
        movement: Adds up how far steps move variables; `None`: nothing does.
    """

    tasks: tuple[str, ...]
    positions: tuple[int, ...]
    num_tasks: int
    forward: keras.Model
    shared: tuple[keras.Variable, ...]
    own: Mapping[str, tuple[keras.Variable, ...]]
    optimizer: keras.optimizers.Optimizer
    aggregator: Aggregator
    weighting: Weighting | None = None
    split: Any = None
    telemetry: Telemetry | None = None
    loss_weights: Mapping[str, float] = field(default_factory=dict)
    perturbation: Perturbation | None = None
    projection: Projection | None = None
    movement: Movement | None = None

    @property
    def name(self) -> str:
        """The names of its tasks, joined by `+`."""
        return "+".join(self.tasks)

    @property
    def variables(self) -> list[keras.Variable]:
        """What the phase trains, the weighting's variables left out."""
        own = [v for task in self.tasks for v in self.own[task]]
        return [*self.shared, *own]

    @property
    def weighting_variables(self) -> list[keras.Variable]:
        """What the phase trains of the weighting."""
        if self.weighting is None:
            return []
        return self.weighting.variables_of(self.tasks)


@dataclass(frozen=True, eq=False)
class Batch:
    """One batch: inputs, and what is known of each task.

    Attributes:
        inputs: Whatever the model takes; or task to that, where each task has
            samples of its own.
        labels: Task to labels; tasks without a label in the data are missing.
        weights: Task to sample weights, or `None` where all are labelled.
        per_task: Whether each task has inputs of its own.
    """

    inputs: Any
    labels: Tensors
    weights: Mapping[str, Tensor | None]
    per_task: bool = False

    def inputs_for(self, tasks: Sequence[str]) -> Any:
        """What the model takes to compute some tasks.

        Args:
            tasks: Names of the tasks.

        Returns:
            The inputs.

        Raises:
            ValueError: If the tasks have different inputs.
        """
        if not self.per_task:
            return self.inputs
        if len(tasks) > 1:
            raise ValueError(
                f"The tasks {list(tasks)} are computed in one forward pass, "
                "but each has inputs of its own. Give inputs that all tasks "
                "share, or use a scheme with one step per task "
                "(`Alternating`, `Independent`, `Cooperative`)."
            )
        return self.inputs[tasks[0]]

    def present(self, task: str) -> Tensor | None:
        """Whether `task` has a label: boolean scalar, `None` if always."""
        if task not in self.labels:
            return ops.zeros((), "bool")
        weight = self.weights[task]
        return None if weight is None else ops.any(weight > 0)

    def loss(self, task: str, loss: TaskLoss, output: Tensor) -> LossValue:
        """The loss of one task on this batch."""
        if task not in self.labels:
            zero = ops.zeros((), loss.dtype)
            return LossValue(zero, zero)
        return loss(self.labels[task], output, self.weights[task])

    def clean_labels(self, task: str) -> Tensor:
        """Labels with zeros where there is none."""
        weight = self.weights[task]
        if weight is None:
            return self.labels[task]
        return labelled(self.labels[task], weight)


def presence(batch: Batch, tasks: tuple[str, ...]) -> Tensor | None:
    """Which tasks have a label in the batch.

    Returns:
        Boolean tensor, shape `(num_tasks,)`; `None` if all always have.
    """
    flags = [batch.present(task) for task in tasks]
    if all(flag is None for flag in flags):
        return None
    always = ops.ones((), "bool")
    return ops.stack([always if flag is None else flag for flag in flags])


@dataclass(frozen=True, eq=False)
class PhaseResult:
    """What a phase leaves behind for logs and metrics.

    Attributes:
        losses: Float tensor, shape `(num_tasks,)`: unweighted task losses.
        counts: Float tensor, shape `(num_tasks,)`: labelled elements.
        extra: Float scalar: regularisation losses of the layers.
        outputs: Task to its output.
        measures: What else was measured, name to float scalar:
            `flatness_gap`, by how much noise raised the loss; `clipped`, the
            share of coordinates that had left the region, in [0, 1].
    """

    losses: Tensor
    counts: Tensor
    extra: Tensor
    outputs: Tensors
    measures: Tensors = field(default_factory=dict)
