"""Gradients of tasks, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_mtl.backend.bookkeeping import wants_gram
from keras_mtl.backend.combination import (
    Combination,
    Pair,
    blocks_of,
    combine,
)
from keras_mtl.backend.objective import Objective
from keras_mtl.backend.phase import Phase
from keras_mtl.backend.replicas import summed_pairs
from keras_mtl.backend.stepping import Pairs
from keras_mtl.typing import Tensor


def stack_rows(rows: Sequence[Any], reference: Any) -> tf.Tensor:
    """The gradients of one variable, one per task.

    Args:
        rows: Gradients; `None` where a task does not reach the variable.
        reference: Tensor of the variable's shape.

    Returns:
        Tensor, shape `(num_tasks, *shape)`: zeros for `None`.
    """
    return tf.stack(
        [
            tf.zeros_like(reference)
            if row is None
            else tf.convert_to_tensor(row)
            for row in rows
        ]
    )


def stack_columns(
    rows: Sequence[Sequence[Any]], references: Sequence[Any]
) -> list[Tensor]:
    """The same for several variables.

    Args:
        rows: Per task, its gradients of the variables.
        references: Per variable, a tensor of its shape.

    Returns:
        Per variable, a tensor of shape `(num_tasks, *shape)`.
    """
    return [
        stack_rows([row[index] for row in rows], reference)
        for index, reference in enumerate(references)
    ]


def gradients_of(
    tape: Any,
    target: Tensor,
    variables: Sequence[keras.Variable],
    tensors: Sequence[Tensor] = (),
) -> Pairs:
    """Gradients with respect to tensors, then variables.

    Args:
        tape: Persistent gradient tape that has recorded `target`.
        target: Scalar.
        variables: What to differentiate by, behind the `tensors`.
        tensors: The same, watched by the tape.

    Returns:
        Gradient and source, in order; `None` for unconnected sources.
    """
    # Keras variables themselves cannot be unconnected sources.
    sources = [*tensors, *(variable.value for variable in variables)]
    found = tape.gradient(target, sources)
    return list(zip(found, [*tensors, *variables], strict=True))


def added(a: Any, b: Any) -> Any:
    """The sum of two gradients, either of which may be `None`."""
    if a is None or b is None:
        return b if a is None else a
    return tf.convert_to_tensor(a) + tf.convert_to_tensor(b)


def loss_scale(optimizer: keras.optimizers.Optimizer) -> Tensor | None:
    """By how much `scale_loss` scales; `None` if it does not."""
    dynamic = getattr(optimizer, "dynamic_scale", None)
    if dynamic is not None:
        return tf.convert_to_tensor(dynamic)
    return optimizer.loss_scale_factor


def behind_frontier(
    phase: Phase, tails: list[list[Any]], weights: Tensor | None
) -> list[Any]:
    """Gradients of shared variables that the heads use directly."""
    combined: list[Any] = []
    for index, variable in enumerate(phase.shared):
        rows = [tail[index] for tail in tails]
        if all(row is None for row in rows):
            combined.append(None)
            continue
        stack = stack_rows(rows, variable.value)
        if weights is None:
            combined.append(tf.reduce_sum(stack, 0))
            continue
        factors = tf.cast(weights, stack.dtype)
        combined.append(tf.tensordot(factors, stack, axes=1))
    return combined


def combine_rows(
    phase: Phase,
    stacks: Sequence[Tensor],
    present: Tensor | None,
    objective: Objective,
    features: Sequence[Tensor] | None = None,
    halves: Sequence[Pair] | None = None,
) -> Combination:
    """Combines the gradients of all tasks as the phase's aggregator asks.

    Args:
        phase: Its aggregator, and what is shared.
        stacks: Per shared variable (or frontier tensor), the gradients of
            all tasks, shape `(num_tasks, *shape)`.
        present: Boolean tensor, shape `(num_tasks,)`, or `None` for all.
        objective: Of the phase.
        features: The frontier tensors, where the gradients are taken there.
        halves: Per variable, the stacks of both halves of the batch.

    Returns:
        The combination.
    """
    paths = [variable.path for variable in phase.shared]
    if features is not None:
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
        features=features,
        halves=halves,
        scale=loss_scale(phase.optimizer),
        measure=wants_gram(phase),
    )


def with_combined(
    phase: Phase,
    tape: Any,
    objective: Objective,
    rest: Tensor | None,
    combined: Sequence[Tensor],
    own: Pairs,
) -> Pairs:
    """Combined gradients of the shared variables, and everything else's.

    Args:
        phase: What is shared.
        tape: Persistent gradient tape that has recorded the objective.
        objective: Of the phase.
        rest: What no task owns, recorded too.
        combined: Gradients of the shared variables, of the global batch.
        own: Gradients of the other variables, of this replica.

    Returns:
        Gradients of the global batch.
    """
    pairs: Pairs = [*((None, v) for v in phase.shared), *own]
    pairs = summed_pairs(with_rest(phase, tape, objective, rest, pairs))
    rows = zip(combined, pairs, strict=False)
    shared = [(added(c, extra), v) for c, (extra, v) in rows]
    return [*shared, *pairs[len(shared) :]]


def with_rest(
    phase: Phase,
    tape: Any,
    objective: Objective,
    rest: Tensor | None,
    pairs: Pairs,
) -> Pairs:
    """Adds what belongs to no task: layer losses and the weighting's own."""
    if objective.extra is not None:
        found = tape.gradient(objective.extra, [v.value for _, v in pairs])
        pairs = [
            (added(gradient, extra), variable)
            for (gradient, variable), extra in zip(pairs, found, strict=True)
        ]
    if not phase.weighting_variables:
        return pairs
    # A sum of these made here would be outside the tape.
    targets = objective.tasks if rest is None else [*objective.tasks, rest]
    sources = [v.value for v in phase.weighting_variables]
    found = tape.gradient(targets, sources)
    return [*pairs, *zip(found, phase.weighting_variables, strict=True)]
