"""The scalars that a phase differentiates, made of its losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import keras
from keras import ops

from keras_mtl.backend.phase import Batch, Phase, PhaseResult
from keras_mtl.backend.replicas import num_replicas, share, shares, summed
from keras_mtl.losses import TaskLoss
from keras_mtl.typing import Tensor, Tensors


class Objective(NamedTuple):
    """A forward pass: what it gave, and what is to be differentiated.

    Attributes:
        result: Losses and outputs.
        weights: Float tensor, shape `(num_tasks,)`: weight of each task.
        tasks: Weighted losses, one scalar per task, scaled for float16.
        penalty: Penalty of the weighting, scaled; `None` without one.
        extra: Losses of the layers, scaled; `None` without any.
    """

    result: PhaseResult
    weights: Tensor
    tasks: list[Tensor]
    penalty: Tensor | None
    extra: Tensor | None

    @property
    def rest(self) -> Tensor | None:
        """What no task owns: the penalty and the losses of the layers."""
        parts = [p for p in (self.penalty, self.extra) if p is not None]
        return sum(parts[1:], parts[0]) if parts else None

    def total(self, tasks: Sequence[Tensor] | None = None) -> Tensor:
        """The sum of everything.

        Args:
            tasks: Scalars in place of `self.tasks`.
        """
        terms = list(self.tasks if tasks is None else tasks)
        rest = self.rest
        if rest is not None:
            terms.append(rest)
        return sum(terms[1:], terms[0])


def objective_of(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
    outputs: Tensors,
    model: keras.Model,
) -> Objective:
    """Losses of the outputs, and the scalars to differentiate.

    Args:
        phase: Its tasks, weighting and optimizer.
        batch: Labels and sample weights.
        losses: Task to its loss.
        present: Boolean tensor, shape `(num_tasks,)`, or `None` for all.
        outputs: Task to its output.
        model: Whose layer losses are added.

    Returns:
        The objective. Call this under the tape.
    """
    values = shares(
        [batch.loss(t, losses[t], outputs[t]) for t in phase.tasks],
        [losses[t].reduction for t in phase.tasks],
    )
    vector = totals([value.value for value in values])
    counts = ops.stack([value.count for value in values])
    weights, penalty = _task_weights(phase, vector, present)
    scale = phase.optimizer.scale_loss
    tasks = [
        scale(value.value if weights is None else weights[index] * value.value)
        for index, value in enumerate(values)
    ]
    extra = share(sum(model.losses)) if model.losses else None
    penalty = share(penalty)
    zero = ops.zeros((), vector.dtype)
    result = PhaseResult(
        vector,
        counts,
        zero if extra is None else totals([ops.cast(extra, vector.dtype)])[0],
        outputs,
    )
    return Objective(
        result,
        ops.ones_like(vector) if weights is None else weights,
        tasks,
        None if penalty is None else scale(penalty),
        None if extra is None else scale(ops.cast(extra, vector.dtype)),
    )


def totals(values: Sequence[Tensor]) -> Tensor:
    """Losses of the global batch, of shares that the replicas have of them.

    Args:
        values: Scalars.

    Returns:
        Tensor, shape `(len(values),)`; not to be differentiated where there
        are several replicas.
    """
    stacked = ops.stack(list(values))
    if num_replicas() == 1:
        return stacked
    return summed([ops.stop_gradient(stacked)])[0]


def _task_weights(
    phase: Phase, losses: Tensor, present: Tensor | None
) -> tuple[Tensor | None, Tensor | None]:
    """Weights of the phase's tasks (`None`: all 1) and the penalty."""
    factors = [phase.loss_weights.get(task, 1.0) for task in phase.tasks]
    constant = None
    if any(factor != 1.0 for factor in factors):
        constant = ops.convert_to_tensor(factors, losses.dtype)
    if phase.weighting is None:
        return constant, None
    full, mask = among_all(phase, losses, present)
    weights = phase.weighting.task_weights(ops.stop_gradient(full), mask)
    weights = ops.take(weights, phase.positions)
    weights = ops.cast(weights, losses.dtype)
    penalty = ops.cast(phase.weighting.penalty(mask), losses.dtype)
    return (weights if constant is None else weights * constant), penalty


def among_all(
    phase: Phase, values: Tensor, present: Tensor | None
) -> tuple[Tensor, Tensor | None]:
    """The phase's losses and presence among all tasks of the trainer."""
    if len(phase.tasks) == phase.num_tasks:
        return values, present
    indices = ops.convert_to_tensor(phase.positions)
    indices = ops.expand_dims(indices, -1)
    shape = (phase.num_tasks,)
    mask = ops.ones(values.shape, "int32")
    if present is not None:
        mask = ops.cast(present, "int32")
    return (
        ops.scatter(indices, values, shape),
        ops.scatter(indices, mask, shape) > 0,
    )
