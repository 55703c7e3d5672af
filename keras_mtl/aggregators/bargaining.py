"""Newton's method for the bargaining problems of Nash-MTL and FairGrad."""

from __future__ import annotations

from keras import ops

from keras_mtl.aggregators.nnls import RIDGE
from keras_mtl.aggregators.solvers import (
    correlation,
    one_over,
    positive_part,
)
from keras_mtl.typing import Tensor

# Of each task's equation, relative.
TOLERANCE = 1e-10
MAX_STEPS = 100
# Tried at once along a Newton direction: halvings of the longest step.
NUM_HALVINGS = 10


def bargain(gram: Tensor, power: float, share: Tensor) -> Tensor:
    """Solves `(gram @ a)_i = share_i * a_i ** -power` for `a > 0`.

    It is the minimum of a strictly convex function, found by Newton's method
    with a line search that stays inside the positive orthant, on unit
    gradients, to 1e-10 relative. Without a solution (some combination of the
    gradients is zero) the weights of that combination are as large as a
    relative shift of 1e-10 of the Gram matrix allows.

    Args:
        gram: Float64 tensor, shape `(num_tasks, num_tasks)`.
        power: Positive exponent: 1 for Nash-MTL, `1 / alpha` for FairGrad.
        share: Float64 tensor, shape `(num_tasks,)`: non-negative.

    Returns:
        Float64 tensor, shape `(num_tasks,)`: zero for zero gradients and
        zero shares.
    """
    unit, norms = correlation(gram)
    playing = ops.logical_and(norms > 0.0, share > 0.0)
    pair = ops.logical_and(playing[:, None], playing[None, :])
    eye = ops.eye(unit.shape[0], dtype=unit.dtype)
    # Whoever does not play solves an equation of its own.
    unit = ops.where(pair, positive_part(unit), eye) + RIDGE * eye
    length = ops.where(playing, norms, 1.0)
    share = ops.where(playing, share, 1.0) * length ** (power - 1.0)
    weights = _newton(unit, power, share)
    return ops.where(playing, weights, 0.0) * one_over(norms)


def _newton(unit: Tensor, power: float, share: Tensor) -> Tensor:
    """Newton's method on unit gradients, from a first guess."""
    halvings = 0.5 ** ops.cast(ops.arange(NUM_HALVINGS), unit.dtype)

    def utility(x: Tensor) -> Tensor:
        if power == 1.0:
            return ops.log(x)
        return (x ** (1.0 - power)) / (1.0 - power)

    def objective(x: Tensor) -> Tensor:
        quadratic = 0.5 * ops.sum(x * ops.matmul(x, unit), axis=-1)
        return quadratic - ops.sum(share * utility(x), axis=-1)

    def error(x: Tensor) -> Tensor:
        wanted = share * x**-power
        return ops.max(ops.abs(ops.matmul(unit, x) - wanted) / wanted)

    def step(x: Tensor, before: Tensor, off: Tensor) -> tuple[Tensor, ...]:
        wanted = share * x**-power
        hessian = unit + ops.diag(power * wanted / x)
        gap = wanted - ops.matmul(unit, x)
        change = ops.solve(hessian, gap[:, None])[:, 0]
        longest = 1.0 / ops.max(-change / (0.95 * x))
        longest = ops.where(longest > 0.0, ops.minimum(longest, 1.0), 1.0)
        tried = x + (longest * halvings)[:, None] * change
        # The longest step that does not climb, up to rounding.
        now = objective(x)
        down = objective(tried) <= now + 1e-13 * ops.abs(now)
        down = ops.logical_or(down, off < 1e-6)
        x = ops.take(tried, ops.argmax(ops.cast(down, "int32")), axis=0)
        return x, off, error(x)

    def unfinished(x: Tensor, before: Tensor, off: Tensor) -> Tensor:
        stalled = ops.logical_and(off < 1e-6, off >= before)
        return ops.logical_and(off > TOLERANCE, ops.logical_not(stalled))

    x = _guess(unit, power, share)
    start = (x, error(x) + 1.0, error(x))
    return ops.while_loop(
        unfinished, step, start, maximum_iterations=MAX_STEPS
    )[0]


def _guess(unit: Tensor, power: float, share: Tensor) -> Tensor:
    """Exact for orthogonal gradients, and identical ones up to a factor."""
    x = share ** (1.0 / (1.0 + power))
    common = ops.sum(share * x ** (1.0 - power))
    common = common / ops.maximum(
        ops.sum(x * ops.matmul(unit, x)), RIDGE * ops.sum(x * x)
    )
    return x * common ** (1.0 / (1.0 + power))
