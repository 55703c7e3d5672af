"""The optimizer step of a phase, and when not to make it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
from keras import ops

from keras_mtl.backend.phase import Phase, PhaseResult
from keras_mtl.backend.replicas import apply as apply_on_all
from keras_mtl.backend.replicas import num_replicas
from keras_mtl.typing import Tensor

Pairs = list[tuple[Any, keras.Variable]]


def allowed_to_step(
    losses: Tensor, present: Tensor | None, healthy: Tensor | None
) -> Tensor:
    """Whether to step: boolean scalar."""
    allowed = ops.all(ops.isfinite(losses))
    if present is not None:
        # A step on zero gradients would still move along old momentum.
        allowed = ops.logical_and(allowed, ops.any(present))
    return allowed if healthy is None else ops.logical_and(allowed, healthy)


def step(
    phase: Phase, result: PhaseResult, pairs: Pairs, allowed: Tensor
) -> PhaseResult:
    """Steps, and measures how far that went."""
    if phase.movement is None:
        return _step(phase, result, pairs, allowed)
    before = phase.movement.moved_by(phase.variables)
    result = _step(phase, result, pairs, allowed)
    phase.movement.add(before)
    return result


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
    if _needs_all(optimizer):
        pairs = [(_or_zeros(g, v), v) for g, v in pairs]
    pairs = [(g, v) for g, v in pairs if g is not None]
    if not pairs:
        return
    gradients, variables = zip(*pairs, strict=True)
    if num_replicas() > 1:
        apply_on_all(optimizer, gradients, variables, allowed)
        return

    def apply() -> Tensor:
        optimizer.apply(list(gradients), list(variables))
        return ops.ones((), "bool")

    ops.cond(allowed, apply, lambda: ops.zeros((), "bool"))


def _needs_all(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether an optimizer steps all its variables or none."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    return isinstance(inner, keras.optimizers.MultiOptimizer)


def _or_zeros(gradient: Any, variable: keras.Variable) -> Any:
    if gradient is None:
        return ops.zeros(variable.shape, variable.dtype)
    return gradient
