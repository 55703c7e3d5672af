"""An interior-point method for non-negative least squares."""

from __future__ import annotations

from keras import ops

from keras_mtl.typing import Tensor

# Complementarity and residual, relative to the size of the solution.
GAP = 1e-14
MAX_STEPS = 40


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
        maximum_iterations=MAX_STEPS,
    )[0]
