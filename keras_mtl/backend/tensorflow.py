"""Runs a phase with TensorFlow: the one file that knows its autodiff."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import keras
import tensorflow as tf
from keras import ops

from keras_mtl.aggregators import Sum
from keras_mtl.backend.combination import Combination, blocks_of, combine
from keras_mtl.backend.phase import Batch, Phase, PhaseResult, presence
from keras_mtl.losses import TaskLoss
from keras_mtl.typing import Tensor, Tensors

Pairs = list[tuple[Any, keras.Variable]]


class _Forward(NamedTuple):
    """A forward pass: what it gave, and what is to be differentiated."""

    result: PhaseResult
    # Weight of each task in the objective, shape `(num_tasks,)`.
    weights: Tensor
    # Weighted losses, one scalar per task, scaled for float16.
    objectives: list[Tensor]
    # What no task owns: penalty of the weighting, layer losses; scaled.
    penalty: Tensor | None
    extra: Tensor | None


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
    forward, combination, pairs = run(phase, batch, losses, present)
    allowed = _allowed(forward.result.losses, present, healthy)
    result = _step(phase, forward.result, pairs, allowed)
    _update_weighting(phase, forward, combination, present)
    _measure(phase, forward, combination, present)
    return result


def run_in_order(
    steps: Sequence[Callable[[], Tensor]], order: Tensor, initial: Tensor
) -> Tensor:
    """Runs steps in an order known only in the graph.

    Args:
        steps: Functions of nothing; each returns a tensor like `initial`.
        order: Integer tensor, shape `(len(steps),)`: a permutation.
        initial: What to add the results to.

    Returns:
        `initial` plus the sum of what they returned.
    """

    def body(index: Tensor, total: Tensor) -> tuple[Tensor, Tensor]:
        return index + 1, total + tf.switch_case(order[index], list(steps))

    start = (tf.constant(0), initial)
    return tf.while_loop(
        lambda index, _: index < len(steps),
        body,
        start,
        maximum_iterations=len(steps),
    )[1]


def shuffled_order(count: int, seed: int, step: Tensor) -> Tensor:
    """A permutation of `range(count)`, a function of seed and step alone.

    Args:
        count: How many to order.
        seed: Seed of the run.
        step: Integer scalar, index of the training batch.

    Returns:
        Int32 tensor, shape `(count,)`.
    """
    pair = tf.stack([tf.cast(seed, tf.int64), tf.cast(step, tf.int64)])
    # XLA has no `stateless_shuffle`, and makes other floats of the same bits.
    bits = tf.random.stateless_uniform(
        (count,), pair, minval=None, maxval=None, dtype=tf.int32, alg="philox"
    )
    return tf.argsort(bits)


def _needs_rows(phase: Phase) -> bool:
    """Whether each task needs its own backward pass."""
    if len(phase.tasks) == 1 or not phase.shared:
        return False
    if phase.aggregator.reads != "nothing":
        return True
    return _wants_gram(phase)


def _wants_gram(phase: Phase) -> bool:
    measures = phase.telemetry is not None and phase.telemetry.gradients
    reads = phase.weighting is not None and phase.weighting.reads_gram
    return measures or reads


def _run_summed(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
) -> tuple[_Forward, Combination | None, Pairs]:
    """One backward pass; weights of the tasks are known beforehand."""
    plain = isinstance(phase.aggregator, Sum) or not phase.shared
    with tf.GradientTape(persistent=not plain) as tape:
        outputs = phase.forward(batch.inputs_for(phase.tasks), training=True)
        forward = _forward(
            phase, batch, losses, present, outputs, phase.forward
        )
        total = _total(forward, forward.objectives)
        if not plain:
            weights = phase.aggregator.task_weights(None, present, None)
            weights = phase.aggregator.rescaled(weights, present)
            scaled = [
                ops.cast(weights[index], objective.dtype) * objective
                for index, objective in enumerate(forward.objectives)
            ]
            total_shared = _total(forward, scaled)
    own = [*phase.variables[len(phase.shared) :], *phase.weighting_variables]
    if plain:
        variables = [*phase.shared, *own]
        return forward, None, _gradients(tape, total, variables)
    pairs = _gradients(tape, total_shared, phase.shared)
    pairs += _gradients(tape, total, own)
    return forward, Combination([], weights, None), pairs


def _run_perturbed(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
) -> tuple[_Forward, Combination | None, Pairs]:
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
                forward = _forward(
                    phase, batch, losses, present, outputs, phase.forward
                )
            totals.append(_total(forward, forward.objectives))
            noisy.append(tf.reduce_sum(forward.result.losses))
        total = tf.add_n(totals) / len(totals)
    pairs = _gradients(tape, total, phase.variables)
    outputs = phase.forward(inputs, training=True)
    clean = _forward(phase, batch, losses, present, outputs, phase.forward)
    gap = tf.add_n(noisy) / len(noisy) - tf.reduce_sum(clean.result.losses)
    result = replace(clean.result, measures={"flatness_gap": gap})
    return clean._replace(result=result), None, pairs


def _run_per_task(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
) -> tuple[_Forward, Combination | None, Pairs]:
    """One backward pass per task, down to the shared weights."""
    with tf.GradientTape(persistent=True) as tape:
        outputs = phase.forward(batch.inputs_for(phase.tasks), training=True)
        forward = _forward(
            phase, batch, losses, present, outputs, phase.forward
        )
        rest = _rest(forward)
    rows, pairs = [], []
    for task, objective in zip(phase.tasks, forward.objectives, strict=True):
        variables = [*phase.shared, *phase.own[task]]
        found = _gradients(tape, objective, variables)
        rows.append([gradient for gradient, _ in found[: len(phase.shared)]])
        pairs += found[len(phase.shared) :]
    combination = _combine(
        phase, rows, [v.value for v in phase.shared], present, forward
    )
    combined = zip(combination.gradients, phase.shared, strict=True)
    pairs = [*combined, *pairs]
    return forward, combination, _with_rest(phase, tape, forward, rest, pairs)


def _run_at_frontier(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
) -> tuple[_Forward, Combination | None, Pairs]:
    """One backward pass per head, one through the trunk for all."""
    split = phase.split
    with tf.GradientTape(persistent=True) as tape:
        features = split.trunk(batch.inputs_for(phase.tasks), training=True)
        watched = [
            feature
            for feature, use in zip(features, split.differentiable, strict=True)
            if use
        ]
        with tf.GradientTape(persistent=True) as head_tape:
            head_tape.watch(watched)
            outputs = {
                task: split.heads[task](features, training=True)
                for task in phase.tasks
            }
            forward = _forward(
                phase, batch, losses, present, outputs, phase.forward
            )
        rest = _rest(forward)
    rows, tails, pairs = [], [], []
    for task, objective in zip(phase.tasks, forward.objectives, strict=True):
        variables = [*phase.shared, *phase.own[task]]
        found = _gradients(head_tape, objective, variables, watched)
        rows.append([gradient for gradient, _ in found[: len(watched)]])
        found = found[len(watched) :]
        tails.append([gradient for gradient, _ in found[: len(phase.shared)]])
        pairs += found[len(phase.shared) :]
    combination = _combine(phase, rows, watched, present, forward)
    through = tape.gradient(
        watched,
        [v.value for v in phase.shared],
        output_gradients=combination.gradients,
    )
    behind = _behind_frontier(phase, tails, combination.weights)
    shared = [_added(a, b) for a, b in zip(through, behind, strict=True)]
    pairs = [*zip(shared, phase.shared, strict=True), *pairs]
    return forward, combination, _with_rest(phase, tape, forward, rest, pairs)


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


def _forward(
    phase: Phase,
    batch: Batch,
    losses: Mapping[str, TaskLoss],
    present: Tensor | None,
    outputs: Tensors,
    model: keras.Model,
) -> _Forward:
    """Losses of the outputs, and the scalars to differentiate."""
    values = [batch.loss(t, losses[t], outputs[t]) for t in phase.tasks]
    vector = ops.stack([value.value for value in values])
    counts = ops.stack([value.count for value in values])
    weights, penalty = _task_weights(phase, vector, present)
    scale = phase.optimizer.scale_loss
    objectives = [
        scale(value.value if weights is None else weights[index] * value.value)
        for index, value in enumerate(values)
    ]
    extra = sum(model.losses) if model.losses else None
    zero = ops.zeros((), vector.dtype)
    result = PhaseResult(
        vector,
        counts,
        zero if extra is None else ops.cast(extra, vector.dtype),
        outputs,
    )
    return _Forward(
        result,
        ops.ones_like(vector) if weights is None else weights,
        objectives,
        None if penalty is None else scale(penalty),
        None if extra is None else scale(ops.cast(extra, vector.dtype)),
    )


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
    full, mask = _among_all(phase, losses, present)
    weights = phase.weighting.task_weights(ops.stop_gradient(full), mask)
    weights = ops.take(weights, phase.positions)
    weights = ops.cast(weights, losses.dtype)
    penalty = ops.cast(phase.weighting.penalty(mask), losses.dtype)
    return (weights if constant is None else weights * constant), penalty


def _among_all(
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


def _combine(
    phase: Phase,
    rows: list[list[Any]],
    references: Sequence[Any],
    present: Tensor | None,
    forward: _Forward,
) -> Combination:
    stacks = [
        _stack([row[index] for row in rows], reference)
        for index, reference in enumerate(references)
    ]
    paths = [variable.path for variable in phase.shared]
    if phase.split is not None:
        paths = [f"frontier/{index}" for index in range(len(stacks))]
    blocks, num_blocks = blocks_of(phase.aggregator, paths)
    losses = forward.result.losses if phase.aggregator.reads_losses else None
    return combine(
        phase.aggregator,
        stacks,
        blocks,
        num_blocks,
        present=present,
        losses=losses,
        scale=_loss_scale(phase.optimizer),
        measure=_wants_gram(phase),
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


def _total(forward: _Forward, objectives: Sequence[Tensor]) -> Tensor:
    rest = _rest(forward)
    total = sum(objectives[1:], objectives[0])
    return total if rest is None else total + rest


def _rest(forward: _Forward) -> Tensor | None:
    parts = [p for p in (forward.penalty, forward.extra) if p is not None]
    return sum(parts[1:], parts[0]) if parts else None


def _with_rest(
    phase: Phase,
    tape: tf.GradientTape,
    forward: _Forward,
    rest: Tensor | None,
    pairs: Pairs,
) -> Pairs:
    """Adds what belongs to no task: layer losses and the weighting's own."""
    if forward.extra is not None:
        found = tape.gradient(forward.extra, [v.value for _, v in pairs])
        pairs = [
            (_added(gradient, extra), variable)
            for (gradient, variable), extra in zip(pairs, found, strict=True)
        ]
    if not phase.weighting_variables:
        return pairs
    # A sum of these made here would be outside the tape.
    targets = (
        forward.objectives if rest is None else [*forward.objectives, rest]
    )
    sources = [v.value for v in phase.weighting_variables]
    found = tape.gradient(targets, sources)
    return [*pairs, *zip(found, phase.weighting_variables, strict=True)]


def _added(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    return tf.convert_to_tensor(a) + tf.convert_to_tensor(b)


def _allowed(
    losses: Tensor, present: Tensor | None, healthy: Tensor | None
) -> Tensor:
    """Whether to step: boolean scalar."""
    allowed = tf.reduce_all(tf.math.is_finite(losses))
    if present is not None:
        # A step on zero gradients would still move along old momentum.
        allowed = tf.logical_and(allowed, tf.reduce_any(present))
    return allowed if healthy is None else tf.logical_and(allowed, healthy)


def _step(
    phase: Phase, result: PhaseResult, pairs: Pairs, allowed: Tensor
) -> PhaseResult:
    """Steps, and puts back what left the region of the phase."""
    if phase.projection is None:
        _apply(phase.optimizer, pairs, allowed)
        return result
    centre = phase.projection.centre()
    _apply(phase.optimizer, pairs, allowed)
    share = phase.projection.project(centre)
    return replace(result, measures={**result.measures, "clipped": share})


def _apply(
    optimizer: keras.optimizers.Optimizer,
    pairs: Pairs,
    allowed: Tensor,
) -> None:
    """Steps, if that is allowed."""
    pairs = [(g, v) for g, v in pairs if g is not None]
    if not pairs:
        return
    gradients, variables = zip(*pairs, strict=True)

    def step() -> tf.Tensor:
        optimizer.apply(list(gradients), list(variables))
        return tf.constant(True)

    tf.cond(allowed, step, lambda: tf.constant(False))


def _update_weighting(
    phase: Phase,
    forward: _Forward,
    combination: Combination | None,
    present: Tensor | None,
) -> None:
    if phase.weighting is None:
        return
    losses, mask = _among_all(phase, forward.result.losses, present)
    gram = None
    if combination is not None and combination.gram is not None:
        weights = tf.cast(forward.weights, combination.gram.dtype)
        gram = ops.divide_no_nan(
            combination.gram, tf.tensordot(weights, weights, axes=0)
        )
    phase.weighting.update(losses, mask, gram)


def _measure(
    phase: Phase,
    forward: _Forward,
    combination: Combination | None,
    present: Tensor | None,
) -> None:
    if phase.telemetry is None:
        return
    if combination is None or combination.weights is None:
        if not phase.telemetry.gradients:
            phase.telemetry.update_state(forward.weights, present=present)
        return
    # The Gram matrix is that of the weighted losses' gradients: those were
    # combined.
    phase.telemetry.update_state(
        combination.weights, combination.gram, forward.weights, present
    )


def _loss_scale(optimizer: keras.optimizers.Optimizer) -> Tensor | None:
    """By how much `scale_loss` scales; `None` if it does not."""
    dynamic = getattr(optimizer, "dynamic_scale", None)
    if dynamic is not None:
        return tf.convert_to_tensor(dynamic)
    return optimizer.loss_scale_factor
