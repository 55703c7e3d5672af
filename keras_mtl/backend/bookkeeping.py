"""What follows a step: the weighting's state, and telemetry."""

from __future__ import annotations

from collections.abc import Mapping

import keras
from keras import ops

from keras_mtl.backend.combination import Combination
from keras_mtl.backend.objective import Objective, among_all, totals
from keras_mtl.backend.phase import Batch, Phase
from keras_mtl.backend.replicas import shares
from keras_mtl.losses import TaskLoss
from keras_mtl.typing import Tensor


def wants_gram(phase: Phase) -> bool:
    """Whether the Gram matrix is read by more than the aggregator."""
    measures = phase.telemetry is not None and phase.telemetry.gradients
    reads = phase.weighting is not None and phase.weighting.reads_gram
    return measures or reads


def update_weighting(
    phase: Phase,
    objective: Objective,
    combination: Combination | None,
    present: Tensor | None,
) -> None:
    """Hands the losses, and the Gram matrix if it is read, to the weighting.

    Args:
        phase: Its weighting, if any.
        objective: Of the phase.
        combination: Of its gradients, if they were taken task by task.
        present: Boolean tensor, shape `(num_tasks,)`, or `None` for all.
    """
    if phase.weighting is None:
        return
    losses, mask = among_all(phase, objective.result.losses, present)
    gram = None
    if combination is not None and combination.gram is not None:
        gram = _unweighted(phase, objective, combination.gram)
    phase.weighting.update(losses, mask, gram)


def compare_with_after(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    objective: Objective,
    present: Tensor | None,
) -> None:
    """Evaluates the batch again, if the weighting asks what a step did.

    Args:
        phase: Its weighting, if any.
        batch: Inputs, labels and sample weights.
        losses: Task to its loss.
        objective: Of the phase, before the step.
        present: Boolean tensor, shape `(num_tasks,)`, or `None` for all.
    """
    if phase.weighting is None or not phase.weighting.reads_losses_after:
        return
    # Statistics and random generators move with the step's own pass only.
    with keras.StatelessScope(collect_losses=True):
        outputs = phase.forward(batch.inputs_for(phase.tasks), training=True)
        values = shares(
            [batch.loss(t, losses[t], outputs[t]) for t in phase.tasks],
            [losses[t].reduction for t in phase.tasks],
        )
    after = totals([value.value for value in values])
    before, mask = among_all(phase, objective.result.losses, present)
    phase.weighting.update_after(
        before, among_all(phase, after, present)[0], mask
    )


def _unweighted(phase: Phase, objective: Objective, gram: Tensor) -> Tensor:
    """Inner products of the unweighted gradients, of all the tasks."""
    weights = ops.cast(objective.weights, gram.dtype)
    gram = ops.divide_no_nan(gram, ops.outer(weights, weights))
    if len(phase.tasks) == phase.num_tasks:
        return gram
    places = ops.one_hot(
        ops.convert_to_tensor(phase.positions),
        phase.num_tasks,
        dtype=gram.dtype,
    )
    return ops.matmul(ops.transpose(places), ops.matmul(gram, places))


def measure(
    phase: Phase,
    objective: Objective,
    combination: Combination | None,
    present: Tensor | None,
) -> None:
    """Adds the step to the telemetry of the phase, if it has one.

    Args:
        phase: Its telemetry, if any.
        objective: Of the phase.
        combination: Of its gradients, if they were taken task by task.
        present: Boolean tensor, shape `(num_tasks,)`, or `None` for all.
    """
    if phase.telemetry is None:
        return
    if combination is None or combination.weights is None:
        if not phase.telemetry.gradients:
            phase.telemetry.update_state(objective.weights, present=present)
        return
    # The Gram matrix is that of the weighted losses' gradients: those were
    # combined.
    residual = None
    if phase.telemetry.gradients and combination.gram is not None:
        residual = phase.aggregator.residual(
            combination.gram, combination.weights, present
        )
    phase.telemetry.update_state(
        combination.weights,
        combination.gram,
        objective.weights,
        present,
        residual,
    )
