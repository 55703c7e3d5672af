"""Non-negative least squares on a Gram matrix, in the graph."""

from __future__ import annotations

import math

from keras import ops

from keras_mtl.aggregators.solvers import one_over, outer
from keras_mtl.typing import Tensor

# Shift of the diagonal (of order 1) that makes every system solvable.
RIDGE = 1e-10
# Feasibility of the active-set solver, relative to the size of the solution.
TOLERANCE = 1e-9
# Complementarity and residual of the interior-point solver.
GAP = 1e-14
# At least so many problems go through an exchange together.
FEW = 8
# Accelerated gradient steps that guess the active sets of many problems.
NUM_DESCENTS = 12
# Bounds on the iterations of the two, per problem. An exchange that leaves as
# many infeasible elements as an earlier one hints at a cycle: it counts for
# several.
MAX_EXCHANGES = 12
SETBACK = 4
MAX_INTERIOR = 40


def masked_solve(matrix: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """Solves one system per mask, on the unmasked rows and columns.

    Args:
        matrix: Positive definite float64 tensor, shape `(T, T)`, with a
            diagonal of order 1.
        targets: Tensor, shape `(B, T)`: one right-hand side per system.
        mask: Boolean tensor, shape `(B, T)`: what takes part.

    Returns:
        Tensor, shape `(B, T)`, zero where masked.
    """
    eye = ops.eye(matrix.shape[0], dtype=matrix.dtype)
    systems = ops.where(outer(mask), matrix, eye)
    targets = ops.where(mask, targets, ops.zeros_like(targets))
    return ops.solve(systems, targets[..., None])[..., 0]


def nnls(
    matrix: Tensor, targets: Tensor, passive: Tensor | None = None
) -> Tensor:
    """Minimises `x @ matrix @ x / 2 - target @ x` over `x >= 0`.

    Non-negative least squares on the normal equations. Block exchanges of
    the active set are exact and end after a few linear systems; where they
    cycle (dependent rows), an interior-point method takes over.

    Args:
        matrix: Positive semi-definite float64 tensor, shape `(T, T)`, with a
            diagonal of order 1 (or zero).
        targets: Float64 tensor, shape `(B, T)`: one problem per row.
        passive: Boolean tensor, shape `(B, T)`: guess of where the solution
            is positive; `None` starts from the sign of the targets, or of
            many problems from a few steps down the gradient.

    Returns:
        Float64 tensor, shape `(B, T)`.

    Reference:
        [Kim & Park, 2011](https://doi.org/10.1137/110821172)
    """
    matrix = matrix + RIDGE * ops.eye(matrix.shape[0], dtype=matrix.dtype)
    size = ops.max(ops.abs(targets), axis=-1, keepdims=True)
    targets = targets * one_over(size)
    if passive is None:
        passive = targets > 0.0
        if _at_once(targets.shape[0]) < targets.shape[0]:
            passive = _descended(matrix, targets) > 0.0
    x, hard = _exchange(matrix, targets, passive)
    x = _polish(matrix, targets, x, hard)
    return ops.maximum(x, 0.0) * size


def _descended(matrix: Tensor, targets: Tensor) -> Tensor:
    """Near the solutions, after steps that cost a product of matrices each."""
    power = matrix
    for _ in range(3):
        power = ops.matmul(power, power)
    # At least the largest eigenvalue.
    steepest = ops.sum(ops.square(power)) ** (1.0 / 16.0)
    x = ahead = ops.maximum(targets, 0.0) / steepest
    pace = 1.0
    for _ in range(NUM_DESCENTS):
        slope = ops.matmul(ahead, matrix) - targets
        moved = ops.maximum(ahead - slope / steepest, 0.0)
        faster = (1.0 + math.sqrt(1.0 + 4.0 * pace**2)) / 2.0
        ahead = moved + (pace - 1.0) / faster * (moved - x)
        x, pace = moved, faster
    return x


def _at_once(number: int) -> int:
    """How many of the problems go through an iteration together."""
    return number if number < 4 * FEW else max(number // 4, FEW)


def _polish(matrix: Tensor, targets: Tensor, x: Tensor, hard: Tensor) -> Tensor:
    """Solves the hard problems by the interior-point method, a few a time."""
    number = targets.shape[0]
    few = _at_once(number)

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
        maximum_iterations=-(-number // few),
    )[0]


def _infeasible(
    matrix: Tensor, targets: Tensor, x: Tensor, passive: Tensor
) -> Tensor:
    """Which elements are negative, or should not be zero: `(B, T)`."""
    margin = TOLERANCE * (1.0 + ops.max(ops.abs(x), -1, keepdims=True))
    slack = ops.matmul(x, matrix) - targets
    return ops.where(passive, x, slack) < -margin


def _number_of(wrong: Tensor) -> Tensor:
    return ops.sum(ops.cast(wrong, "int32"), axis=-1)


def _unsolved(wrong: Tensor, left: Tensor) -> Tensor:
    return ops.logical_and(ops.any(wrong, axis=-1), left > 0)


def _exchange(
    matrix: Tensor, targets: Tensor, passive: Tensor
) -> tuple[Tensor, Tensor]:
    """Solutions by block exchanges, and which problems they did not solve."""
    number = targets.shape[0]
    # After the first round most problems are solved: go on with a few.
    few = _at_once(number)

    def again(
        passive: Tensor, x: Tensor, wrong: Tensor, left: Tensor, best: Tensor
    ) -> tuple[Tensor, ...]:
        urgency = ops.where(_unsolved(wrong, left), left, -1)
        chosen = ops.argsort(-urgency)[:few]
        rows = ops.expand_dims(chosen, -1)
        swapped = ops.logical_xor(
            ops.take(passive, chosen, axis=0), ops.take(wrong, chosen, axis=0)
        )
        goals = ops.take(targets, chosen, axis=0)
        found = masked_solve(matrix, goals, swapped)
        still = _infeasible(matrix, goals, found, swapped)
        count, least = _number_of(still), ops.take(best, chosen)
        cost = ops.where(count < least, 1, SETBACK)
        return (
            ops.scatter_update(passive, rows, swapped),
            ops.scatter_update(x, rows, found),
            ops.scatter_update(wrong, rows, still),
            ops.scatter_update(left, rows, ops.take(left, chosen) - cost),
            ops.scatter_update(best, rows, ops.minimum(count, least)),
        )

    x = masked_solve(matrix, targets, passive)
    left = ops.full((number,), MAX_EXCHANGES, "int32")
    wrong = _infeasible(matrix, targets, x, passive)
    _, x, wrong, *_ = ops.while_loop(
        lambda passive, x, wrong, left, best: ops.any(_unsolved(wrong, left)),
        again,
        (passive, x, wrong, left, _number_of(wrong)),
        maximum_iterations=MAX_EXCHANGES * -(-number // few),
    )
    return x, ops.any(wrong, axis=-1, keepdims=True)


def _longest(values: Tensor, change: Tensor) -> Tensor:
    """The longest step, up to 1, that keeps positive numbers positive."""
    ratio = ops.where(change < 0.0, -values / change, float("inf"))
    return ops.minimum(1.0, ops.min(ratio, axis=-1, keepdims=True))


def interior_point(matrix: Tensor, targets: Tensor, hard: Tensor) -> Tensor:
    """Solves the problems of `nnls` by a predictor-corrector method.

    Args:
        matrix: Positive definite float64 tensor, shape `(T, T)`.
        targets: Float64 tensor, shape `(B, T)`, of order 1.
        hard: Boolean tensor, shape `(B, 1)`: which problems to solve. With
            none, nothing is computed.

    Returns:
        Float64 tensor, shape `(B, T)`: positive, with a complementarity of
        at most 1e-14 relative to its size; meaningless where not `hard`.

    Reference:
        [Mehrotra, 1992](https://doi.org/10.1137/0802028)
    """
    eye = ops.eye(matrix.shape[0], dtype=matrix.dtype)

    def step(x: Tensor, slack: Tensor, gap: Tensor) -> tuple[Tensor, ...]:
        off = ops.matmul(x, matrix) - targets - slack
        ratio = slack / x
        lower = ops.cholesky(matrix + ratio[..., None] * eye)
        upper = ops.transpose(lower, (0, 2, 1))

        def towards(product: Tensor) -> tuple[Tensor, Tensor]:
            rest = product / x - slack
            half = (rest - off)[..., None]
            half = ops.solve_triangular(lower, half, lower=True)
            change = ops.solve_triangular(upper, half)[..., 0]
            return change, rest - ratio * change

        dx, dslack = towards(ops.zeros_like(x))
        ahead = _longest(x, dx), _longest(slack, dslack)
        reached = (x + ahead[0] * dx) * (slack + ahead[1] * dslack)
        mean = ops.mean(x * slack, axis=-1, keepdims=True)
        centre = ops.mean(reached, axis=-1, keepdims=True)
        centre = mean * (centre / mean) ** 3
        dx, dslack = towards(centre - dx * dslack)
        both = ops.minimum(_longest(x, dx), _longest(slack, dslack))
        both = ops.where(hard, 0.9995 * both, 0.0)
        x, slack = x + both * dx, slack + both * dslack
        return x, slack, relative_gap(x, slack)

    def relative_gap(x: Tensor, slack: Tensor) -> Tensor:
        off = ops.abs(ops.matmul(x, matrix) - targets - slack)
        worst = ops.maximum(x * slack, off)
        scale = 1.0 + ops.max(x, axis=-1, keepdims=True)
        return ops.where(hard, worst / scale, 0.0)

    ones = ops.ones_like(targets)
    return ops.while_loop(
        lambda x, slack, gap: ops.any(gap > GAP),
        step,
        (ones, ones, ops.where(hard, ones, 0.0)),
        maximum_iterations=MAX_INTERIOR,
    )[0]
