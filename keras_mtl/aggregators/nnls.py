"""Non-negative least squares on a Gram matrix, in the graph."""

from __future__ import annotations

from keras import ops

from keras_mtl.aggregators.exchange import Exchange
from keras_mtl.aggregators.interior_point import interior_point
from keras_mtl.aggregators.solvers import one_over
from keras_mtl.typing import Tensor

# Shift of the diagonal (of order 1) that makes every system solvable.
RIDGE = 1e-10
# At least so many problems go through an iteration together.
FEW = 8
# Of the steps that guess the active sets of many problems: the quadratic
# penalty, the over-relaxation, how many before the guess is looked at, and
# how often it is.
PENALTY = 0.1
RELAXATION = 1.8
NUM_STEPS = 10
MAX_LOOKS = 8


def nnls(
    matrix: Tensor, targets: Tensor, passive: Tensor | None = None
) -> Tensor:
    """Minimises `x @ matrix @ x / 2 - target @ x` over `x >= 0`.

    Non-negative least squares on the normal equations. Exchanges of the
    active set are exact and end after a few linear systems; where they do not
    (dependent rows), an interior-point method takes over.

    Args:
        matrix: Positive semi-definite float64 tensor, shape `(T, T)`, with a
            diagonal of order 1 (or zero).
        targets: Float64 tensor, shape `(B, T)`: one problem per row.
        passive: Boolean tensor, shape `(B, T)`: guess of where the solution
            is positive; `None` starts from the sign of the targets, or for
            many problems from the method of multipliers.

    Returns:
        Float64 tensor, shape `(B, T)`.

    Reference:
        [Kim & Park, 2011](https://doi.org/10.1137/110821172)
    """
    matrix = matrix + RIDGE * ops.eye(matrix.shape[0], dtype=matrix.dtype)
    size = ops.max(ops.abs(targets), axis=-1, keepdims=True)
    targets = targets * one_over(size)
    few = _at_once(targets.shape[0])
    close = passive is None and few < targets.shape[0]
    if passive is None:
        guess = _multipliers(matrix, targets) if close else targets
        passive = guess > 0.0
    exchange = Exchange(matrix, targets, few, singly=close)
    x, hard = exchange.solutions(passive)
    x = _polish(matrix, targets, x, hard, few)
    return ops.maximum(x, 0.0) * size


def _at_once(number: int) -> int:
    """How many of the problems go through an iteration together."""
    return number if number < 4 * FEW else max(number // 4, FEW)


def _multipliers(matrix: Tensor, targets: Tensor) -> Tensor:
    """Near the solutions; a step costs a product of matrices for all.

    The alternating direction method of multipliers, until the signs settle.
    Positive parts are the solutions, negative ones the scaled multipliers.

    Reference:
        [Boyd et al., 2011](https://doi.org/10.1561/2200000016)
    """
    eye = ops.eye(matrix.shape[0], dtype=matrix.dtype)
    inverse = ops.solve(matrix + PENALTY * eye, eye)

    def again(both: Tensor, settled: Tensor) -> tuple[Tensor, Tensor]:
        before = both > 0.0
        for _ in range(NUM_STEPS):
            x = ops.matmul(targets + PENALTY * ops.abs(both), inverse)
            kept = ops.maximum(both, 0.0)
            both = both + RELAXATION * (x - kept)
        return both, ops.all(ops.equal(both > 0.0, before))

    start = (ops.zeros_like(targets), ops.zeros((), "bool"))
    return ops.while_loop(
        lambda both, settled: ops.logical_not(settled),
        again,
        start,
        maximum_iterations=MAX_LOOKS,
    )[0]


def _polish(
    matrix: Tensor, targets: Tensor, x: Tensor, hard: Tensor, few: int
) -> Tensor:
    """Solves the hard problems by the interior-point method, a few a time."""

    def solve(x: Tensor, hard: Tensor) -> tuple[Tensor, Tensor]:
        chosen = ops.argsort(-ops.cast(hard[:, 0], "int32"))[:few]
        mask = ops.take(hard, chosen, axis=0)
        goals = ops.take(targets, chosen, axis=0)
        found = interior_point(matrix, goals, mask)
        found = ops.where(mask, found, ops.take(x, chosen, axis=0))
        rows = ops.expand_dims(chosen, -1)
        done = ops.zeros_like(mask)
        return (
            ops.scatter_update(x, rows, found),
            ops.scatter_update(hard, rows, done),
        )

    return ops.while_loop(
        lambda x, hard: ops.any(hard),
        solve,
        (x, hard),
        maximum_iterations=-(-targets.shape[0] // few),
    )[0]
