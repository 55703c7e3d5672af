"""Runs a phase with TensorFlow: the one file that knows its autodiff."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from keras_mtl.aggregators import Sum
from keras_mtl.backend.bookkeeping import (
    compare_with_after,
    measure,
    update_weighting,
    wants_gram,
)
from keras_mtl.backend.combination import Combination
from keras_mtl.backend.frontier_pass import FrontierPass
from keras_mtl.backend.halves import half_shares, halves_of, joined
from keras_mtl.backend.objective import Objective, objective_of
from keras_mtl.backend.overflow import kept_on_overflow
from keras_mtl.backend.phase import Batch, Phase, PhaseResult, presence
from keras_mtl.backend.replicas import anywhere, summed, summed_pairs
from keras_mtl.backend.rows import (
    added,
    behind_frontier,
    combine_rows,
    gradients_of,
    stack_columns,
    with_combined,
    with_rest,
)
from keras_mtl.backend.stepping import Pairs, allowed_to_step, step
from keras_mtl.losses import TaskLoss
from keras_mtl.typing import Tensor

# From a phase, a batch, losses and presence to what is to be stepped on.
Way = Callable[
    [Phase, Batch, Mapping[str, TaskLoss], Tensor | None],
    tuple[Objective, Combination | None, Pairs],
]


def run_phase(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    healthy: Tensor | None = None,
) -> PhaseResult:
    """Forward, backward, combination and optimizer step of one phase.

    Nothing is stepped where a loss is not finite, or no task has a label.

    Args:
        phase: What to train, and how.
        batch: Inputs, labels and sample weights.
        losses: Task to its loss.
        healthy: Boolean scalar, whether to step at all; `None` for yes.

    Returns:
        Losses and outputs before the step.
    """
    present = anywhere(presence(batch, phase.tasks))
    with kept_on_overflow(phase):
        run = _way_of(phase)
        objective, combination, pairs = run(phase, batch, losses, present)
        allowed = allowed_to_step(objective.result.losses, present, healthy)
        result = step(phase, objective.result, pairs, allowed)
        update_weighting(phase, objective, combination, present)
        compare_with_after(phase, batch, losses, objective, present)
    measure(phase, objective, combination, present)
    return result


def _way_of(phase: Phase) -> Way:
    """How its gradients are taken."""
    if phase.perturbation is not None:
        return _run_perturbed
    if phase.split is not None:
        return _run_at_frontier
    if not _needs_rows(phase):
        return _run_summed
    return _run_halves if phase.aggregator.independent else _run_per_task


def _needs_rows(phase: Phase) -> bool:
    """Whether each task needs its own backward pass."""
    if len(phase.tasks) == 1 or not phase.shared:
        return False
    if phase.aggregator.reads != "nothing":
        return True
    return wants_gram(phase)


def _run_summed(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
) -> tuple[Objective, Combination | None, Pairs]:
    """One backward pass; weights of the tasks are known beforehand."""
    plain = isinstance(phase.aggregator, Sum) or not phase.shared
    with tf.GradientTape(persistent=not plain) as tape:
        outputs = phase.forward(batch.inputs_for(phase.tasks), training=True)
        objective = objective_of(
            phase, batch, losses, present, outputs, phase.forward
        )
        total = objective.total()
        if not plain:
            weights = phase.aggregator.task_weights(None, present, None)
            weights = phase.aggregator.rescaled(weights, present)
            scaled = [
                ops.cast(weights[index], scalar.dtype) * scalar
                for index, scalar in enumerate(objective.tasks)
            ]
            total_shared = objective.total(scaled)
    own = [*phase.variables[len(phase.shared) :], *phase.weighting_variables]
    if plain:
        variables = [*phase.shared, *own]
        pairs = gradients_of(tape, total, variables)
        return objective, None, summed_pairs(pairs)
    pairs = gradients_of(tape, total_shared, phase.shared)
    pairs = summed_pairs([*pairs, *gradients_of(tape, total, own)])
    return objective, Combination([], weights, None), pairs


def _run_perturbed(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
) -> tuple[Objective, Combination | None, Pairs]:
    """One backward pass through noisy passes; what is kept is clean."""
    inputs = batch.inputs_for(phase.tasks)
    draws = phase.perturbation.draws() if phase.perturbation else [[]]
    totals, noisy = [], []
    with tf.GradientTape() as tape:
        for mapping in draws:
            # Every pass draws the dropout of the clean one: the scope also
            # holds back the states of random generators.
            with keras.StatelessScope(mapping, collect_losses=True):
                outputs = phase.forward(inputs, training=True)
                objective = objective_of(
                    phase, batch, losses, present, outputs, phase.forward
                )
            totals.append(objective.total())
            noisy.append(tf.reduce_sum(objective.result.losses))
        total = tf.add_n(totals) / len(totals)
    pairs = summed_pairs(gradients_of(tape, total, phase.variables))
    outputs = phase.forward(inputs, training=True)
    clean = objective_of(phase, batch, losses, present, outputs, phase.forward)
    gap = tf.add_n(noisy) / len(noisy) - tf.reduce_sum(clean.result.losses)
    result = replace(clean.result, measures={"flatness_gap": gap})
    return clean._replace(result=result), None, pairs


def _run_per_task(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
) -> tuple[Objective, Combination | None, Pairs]:
    """One backward pass per task, down to the shared weights."""
    with tf.GradientTape(persistent=True) as tape:
        outputs = phase.forward(batch.inputs_for(phase.tasks), training=True)
        objective = objective_of(
            phase, batch, losses, present, outputs, phase.forward
        )
        rest = objective.rest
    stacks, own = _task_rows(phase, tape, objective.tasks)
    combination = combine_rows(phase, stacks, present, objective)
    pairs = with_combined(
        phase, tape, objective, rest, combination.gradients, own
    )
    return objective, combination, pairs


def _task_rows(
    phase: Phase, tape: tf.GradientTape, scalars: Sequence[Tensor]
) -> tuple[list[Tensor], Pairs]:
    """Stacked gradients of the shared variables, and those of the others."""
    rows, pairs = [], []
    done: list[Any] = []
    for task, scalar in zip(phase.tasks, scalars, strict=True):
        variables = [*phase.shared, *phase.own[task]]
        # Two passes at once would hold the temporaries of both.
        with tf.control_dependencies(done):
            found = gradients_of(tape, scalar, variables)
        done = [tf.group(*(g for g, _ in found if g is not None))]
        rows.append([gradient for gradient, _ in found[: len(phase.shared)]])
        pairs += found[len(phase.shared) :]
    stacks = stack_columns(rows, [v.value for v in phase.shared])
    return summed(stacks), pairs


def _run_halves(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
) -> tuple[Objective, Combination | None, Pairs]:
    """As `_run_per_task`, on each half of the batch."""
    objectives, halved = [], halves_of(batch)
    with tf.GradientTape(persistent=True) as tape:
        for part in halved.parts:
            outputs = phase.forward(part.inputs_for(phase.tasks), training=True)
            objectives.append(
                objective_of(
                    phase, part, losses, present, outputs, phase.forward
                )
            )
        shares = half_shares(objectives, phase.tasks, losses)
        parts = [
            [share[index] * scalar for index, scalar in enumerate(half.tasks)]
            for share, half in zip(shares, objectives, strict=True)
        ]
        whole = joined(objectives, shares, phase, halved)
        rest = whole.rest
    (first, own), (second, more) = (
        _task_rows(phase, tape, scalars) for scalars in parts
    )
    stacks = [a + b for a, b in zip(first, second, strict=True)]
    halves = list(zip(first, second, strict=True))
    combination = combine_rows(phase, stacks, present, whole, halves=halves)
    pairs = [(added(a, b), v) for (a, v), (b, _) in zip(own, more, strict=True)]
    pairs = with_combined(
        phase, tape, whole, rest, combination.gradients, pairs
    )
    return whole, combination, pairs


def _run_at_frontier(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
) -> tuple[Objective, Combination | None, Pairs]:
    """One backward pass per head, one through the trunk for all."""
    with tf.GradientTape(persistent=True) as tape:
        model = FrontierPass(phase.split, phase.tasks)
        head_tape = tf.GradientTape(persistent=True)
        inputs = batch.inputs_for(phase.tasks)
        watched, outputs = model(inputs, tape=head_tape)
        with head_tape:
            objective = objective_of(
                phase, batch, losses, present, outputs, model
            )
        rest = objective.rest
    rows, tails, pairs = [], [], []
    for task, scalar in zip(phase.tasks, objective.tasks, strict=True):
        variables = [*phase.shared, *phase.own[task]]
        found = gradients_of(head_tape, scalar, variables, watched)
        rows.append([gradient for gradient, _ in found[: len(watched)]])
        found = found[len(watched) :]
        tails.append([gradient for gradient, _ in found[: len(phase.shared)]])
        pairs += found[len(phase.shared) :]
    stacks = stack_columns(rows, watched)
    combination = combine_rows(phase, stacks, present, objective, watched)
    through = tape.gradient(
        watched,
        [v.value for v in phase.shared],
        output_gradients=combination.gradients,
    )
    behind = behind_frontier(phase, tails, combination.weights)
    shared = [added(a, b) for a, b in zip(through, behind, strict=True)]
    pairs = [*zip(shared, phase.shared, strict=True), *pairs]
    return (
        objective,
        combination,
        summed_pairs(with_rest(phase, tape, objective, rest, pairs)),
    )
