"""Runs a phase with TensorFlow: the one file that knows its autodiff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from keras_mtl.backend.combination import Combination, blocks_of, combine
from keras_mtl.backend.frontier_pass import FrontierPass
from keras_mtl.backend.objective import Objective, objective_of
from keras_mtl.backend.phase import Batch, Phase, PhaseResult, presence
from keras_mtl.backend.stepping import Pairs, allowed_to_step, step
from keras_mtl.losses import TaskLoss
from keras_mtl.typing import Tensor


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
    present = presence(batch, phase.tasks)
    if phase.perturbation is not None:
        run = _run_perturbed
    elif phase.split is not None:
        run = _run_at_frontier
    elif _needs_rows(phase):
        run = _run_per_task
    else:
        run = _run_summed
    objective, combination, pairs = run(phase, batch, losses, present)
    allowed = allowed_to_step(objective.result.losses, present, healthy)
    result = step(phase, objective.result, pairs, allowed)
    update_weighting(phase, objective, combination, present)
    compare_with_after(phase, batch, losses, objective, present)
    measure(phase, objective, combination, present)
    return result


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
        return objective, None, _gradients(tape, total, variables)
    pairs = _gradients(tape, total_shared, phase.shared)
    pairs += _gradients(tape, total, own)
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
    pairs = _gradients(tape, total, phase.variables)
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
    rows, pairs = [], []
    done: list[Any] = []
    for task, scalar in zip(phase.tasks, objective.tasks, strict=True):
        variables = [*phase.shared, *phase.own[task]]
        # Two passes at once would hold the temporaries of both.
        with tf.control_dependencies(done):
            found = _gradients(tape, scalar, variables)
        done = [tf.group(*(g for g, _ in found if g is not None))]
        rows.append([gradient for gradient, _ in found[: len(phase.shared)]])
        pairs += found[len(phase.shared) :]
    combination = _combine(
        phase, rows, [v.value for v in phase.shared], present, objective
    )
    combined = zip(combination.gradients, phase.shared, strict=True)
    pairs = [*combined, *pairs]
    return (
        objective,
        combination,
        _with_rest(phase, tape, objective, rest, pairs),
    )


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
        found = _gradients(head_tape, scalar, variables, watched)
        rows.append([gradient for gradient, _ in found[: len(watched)]])
        found = found[len(watched) :]
        tails.append([gradient for gradient, _ in found[: len(phase.shared)]])
        pairs += found[len(phase.shared) :]
    combination = _combine(phase, rows, watched, present, objective)
    through = tape.gradient(
        watched,
        [v.value for v in phase.shared],
        output_gradients=combination.gradients,
    )
    behind = _behind_frontier(phase, tails, combination.weights)
    shared = [_added(a, b) for a, b in zip(through, behind, strict=True)]
    pairs = [*zip(shared, phase.shared, strict=True), *pairs]
    return (
        objective,
        combination,
        _with_rest(phase, tape, objective, rest, pairs),
    )


def _behind_frontier(
    phase: Phase, tails: list[list[Any]], weights: Tensor | None
) -> list[Any]:
    """Gradients of shared variables that the heads use directly."""
    combined: list[Any] = []
    for index, variable in enumerate(phase.shared):
        rows = [tail[index] for tail in tails]
        if all(row is None for row in rows):
            combined.append(None)
            continue
        stack = _stack(rows, variable.value)
        if weights is None:
            combined.append(tf.reduce_sum(stack, 0))
            continue
        factors = tf.cast(weights, stack.dtype)
        combined.append(tf.tensordot(factors, stack, axes=1))
    return combined


def _combine(
    phase: Phase,
    rows: list[list[Any]],
    references: Sequence[Any],
    present: Tensor | None,
    objective: Objective,
) -> Combination:
    stacks = [
        _stack([row[index] for row in rows], reference)
        for index, reference in enumerate(references)
    ]
    paths = [variable.path for variable in phase.shared]
    if phase.split is not None:
        paths = [f"frontier/{index}" for index in range(len(stacks))]
    blocks, num_blocks = blocks_of(phase.aggregator, paths)
    losses = objective.result.losses if phase.aggregator.reads_losses else None
    return combine(
        phase.aggregator,
        stacks,
        blocks,
        num_blocks,
        present=present,
        losses=losses,
        features=None if phase.split is None else references,
        scale=_loss_scale(phase.optimizer),
        measure=wants_gram(phase),
    )


def _stack(rows: Sequence[Any], reference: Any) -> tf.Tensor:
    """One gradient per task, zeros where a task does not reach."""
    return tf.stack(
        [
            tf.zeros_like(reference)
            if row is None
            else tf.convert_to_tensor(row)
            for row in rows
        ]
    )


def _gradients(
    tape: tf.GradientTape,
    target: Tensor,
    variables: Sequence[keras.Variable],
    tensors: Sequence[Tensor] = (),
) -> Pairs:
    """Gradients with respect to tensors, then variables; `None` allowed."""
    # Keras variables themselves cannot be unconnected sources.
    sources = [*tensors, *(variable.value for variable in variables)]
    found = tape.gradient(target, sources)
    return list(zip(found, [*tensors, *variables], strict=True))


def _with_rest(
    phase: Phase,
    tape: tf.GradientTape,
    objective: Objective,
    rest: Tensor | None,
    pairs: Pairs,
) -> Pairs:
    """Adds what belongs to no task: layer losses and the weighting's own."""
    if objective.extra is not None:
        found = tape.gradient(objective.extra, [v.value for _, v in pairs])
        pairs = [
            (_added(gradient, extra), variable)
            for (gradient, variable), extra in zip(pairs, found, strict=True)
        ]
    if not phase.weighting_variables:
        return pairs
    # A sum of these made here would be outside the tape.
    targets = objective.tasks if rest is None else [*objective.tasks, rest]
    sources = [v.value for v in phase.weighting_variables]
    found = tape.gradient(targets, sources)
    return [*pairs, *zip(found, phase.weighting_variables, strict=True)]


def _added(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    return tf.convert_to_tensor(a) + tf.convert_to_tensor(b)


def _loss_scale(optimizer: keras.optimizers.Optimizer) -> Tensor | None:
    """By how much `scale_loss` scales; `None` if it does not."""
    dynamic = getattr(optimizer, "dynamic_scale", None)
    if dynamic is not None:
        return tf.convert_to_tensor(dynamic)
    return optimizer.loss_scale_factor
