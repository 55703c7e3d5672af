"""Non-negative least squares on a Gram matrix, in the graph."""

from __future__ import annotations

from typing import Any

from keras import ops

from keras_mtl.aggregators.solvers import one_over, outer
from keras_mtl.typing import Tensor

# Shift of the diagonal (of order 1) that makes every system solvable.
RIDGE = 1e-10
# Feasibility of the active-set solver, relative to the size of the solution.
TOLERANCE = 1e-9
# Complementarity and residual of the interior-point solver.
GAP = 1e-14
# Bounds on the iterations of the two.
MAX_EXCHANGES = 10
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
            is positive; `None` starts from the sign of the targets.

    Returns:
        Float64 tensor, shape `(B, T)`.

    Reference:
        [Kim & Park, 2011](https://doi.org/10.1137/110821172)
    """
    matrix = matrix + RIDGE * ops.eye(matrix.shape[0], dtype=matrix.dtype)
    size = ops.max(ops.abs(targets), axis=-1, keepdims=True)
    targets = targets * one_over(size)

    def infeasible(x: Tensor, passive: Tensor) -> Tensor:
        margin = TOLERANCE * (1.0 + ops.max(ops.abs(x), -1, keepdims=True))
        slack = ops.matmul(x, matrix) - targets
        return ops.where(passive, x, slack) < -margin

    def exchange(passive: Tensor, x: Tensor, wrong: Tensor) -> Any:
        passive = ops.logical_xor(passive, wrong)
        x = masked_solve(matrix, targets, passive)
        return passive, x, infeasible(x, passive)

    if passive is None:
        passive = targets > 0.0
    x = masked_solve(matrix, targets, passive)
    _, x, wrong = ops.while_loop(
        lambda passive, x, wrong: ops.any(wrong),
        exchange,
        (passive, x, infeasible(x, passive)),
        maximum_iterations=MAX_EXCHANGES,
    )
    hard = ops.any(wrong, axis=-1, keepdims=True)
    x = ops.where(hard, interior_point(matrix, targets, hard), x)
    return ops.maximum(x, 0.0) * size


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

    def longest(values: Tensor, change: Tensor) -> Tensor:
        ratio = ops.where(change < 0.0, -values / change, float("inf"))
        return ops.minimum(1.0, ops.min(ratio, axis=-1, keepdims=True))

    def step(x: Tensor, slack: Tensor, gap: Tensor) -> tuple[Tensor, ...]:
        off = ops.matmul(x, matrix) - targets - slack
        ratio = slack / x
        inverse = ops.inv(matrix + ratio[..., None] * eye)

        def towards(product: Tensor) -> tuple[Tensor, Tensor]:
            rest = product / x - slack
            change = ops.matmul(inverse, (rest - off)[..., None])[..., 0]
            return change, rest - ratio * change

        dx, dslack = towards(ops.zeros_like(x))
        ahead = longest(x, dx), longest(slack, dslack)
        reached = (x + ahead[0] * dx) * (slack + ahead[1] * dslack)
        mean = ops.mean(x * slack, axis=-1, keepdims=True)
        centre = ops.mean(reached, axis=-1, keepdims=True)
        centre = mean * (centre / mean) ** 3
        dx, dslack = towards(centre - dx * dslack)
        both = ops.minimum(longest(x, dx), longest(slack, dslack))
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
