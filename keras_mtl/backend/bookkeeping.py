"""What follows a step: the weighting's state, and telemetry."""

from __future__ import annotations

from keras import ops

from keras_mtl.backend.combination import Combination
from keras_mtl.backend.objective import Objective, among_all
from keras_mtl.backend.phase import Phase
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
