"""How far weights are from solving their problem, whoever found them.

Relative, free of the common scale of gradients and of weights, and computed
from the Gram matrix alone: float32 rounding leaves about 1e-6, and a solver
that did not converge leaves more.
"""

from __future__ import annotations

from keras import ops

from keras_mtl.aggregators.solvers import (
    WORK,
    all_present,
    clean_gram,
    correlation,
    one_over,
    shares,
)
from keras_mtl.typing import Tensor

# Where there is no number: telemetry adds up finite values only.
WORST = 1e30


def prepared(
    gram: Tensor, weights: Tensor, present: Tensor | None
) -> tuple[Tensor, ...]:
    """What residuals are made of, free of common factors.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        weights: Float tensor, shape `(num_tasks,)`, in any unit.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Float64 Gram matrix of the unit gradients, the norms, weights of the
        unit gradients (absolute values sum to 1), and the mask.
    """
    gram = ops.convert_to_tensor(gram)
    mask = all_present(present, gram.shape[0])
    unit, norms = correlation(ops.cast(clean_gram(gram, mask), WORK))
    lengths = ops.where(mask, ops.cast(weights, WORK), 0.0) * norms
    return unit, norms, lengths * one_over(ops.sum(ops.abs(lengths))), mask


def worst(values: Tensor) -> Tensor:
    """The largest of some values: a scalar, at least 0 and finite."""
    worst = ops.maximum(ops.max(values), 0.0)
    return ops.where(worst < WORST, worst, WORST)


def dualproj_residual(
    gram: Tensor,
    weights: Tensor,
    present: Tensor | None = None,
    preference: Tensor | None = None,
) -> Tensor:
    """How far the combination is from the projected mean (DualProj).

    The projection conflicts with no gradient, adds to the mean only, and
    adds no gradient that it has a product with.

    Args:
        gram: As in `prepared`.
        weights: As in `prepared`.
        present: As in `prepared`.
        preference: Non-negative float tensor, shape `(num_tasks,)`: shares
            in the mean; `None` for equal shares.

    Returns:
        Float64 scalar in [0, 1]: the worst violation, relative to the sum of
        the weighted gradients' lengths.
    """
    unit, norms, lengths, mask = prepared(gram, weights, present)
    mean = shares(mask, preference) * norms
    products = ops.matmul(unit, lengths)
    # A projection on a cone is at right angles to what it took away.
    factor = ops.sum(lengths * products) * one_over(ops.sum(mean * products))
    limit = ops.where(mean > 0.0, lengths * one_over(mean), float("inf"))
    limit = ops.minimum(ops.maximum(factor, 0.0), ops.min(limit))
    added = lengths - ops.where(ops.isfinite(limit), limit, 0.0) * mean
    return worst(ops.maximum(-products, ops.abs(added * products)))


def projections_residual(unit: Tensor, mixing: Tensor) -> Tensor:
    """How far vectors are from the projections of unit gradients (UPGrad).

    Args:
        unit: Float64 tensor, shape `(num_tasks, num_tasks)`: correlations.
        mixing: Non-negative tensor of the same shape: what is added to each
            gradient, one a row.

    Returns:
        Float64 scalar, at least 0: the worst violation of the conditions in
        `dualproj_residual`, relative to the sum of the lengths.
    """
    eye = ops.eye(unit.shape[0], dtype=unit.dtype)
    products = ops.matmul(eye + mixing, unit)
    lengths = 1.0 + ops.sum(ops.abs(mixing), axis=-1, keepdims=True)
    off = ops.maximum(-products, ops.abs(mixing * products) / lengths)
    return worst(ops.maximum(off, -mixing) / lengths)


def direction_residual(
    gram: Tensor,
    weights: Tensor,
    expected: Tensor,
    present: Tensor | None = None,
) -> Tensor:
    """How much two combinations differ, their lengths left aside.

    Args:
        gram: As in `prepared`.
        weights: As in `prepared`.
        expected: Weights to compare with, in any unit.
        present: As in `prepared`.

    Returns:
        Float64 scalar in [0, 2]: distance of the two, with the sums of the
        weighted gradients' lengths 1.
    """
    unit, _, lengths, _ = prepared(gram, weights, present)
    gap = lengths - prepared(gram, expected, present)[2]
    square = ops.sum(gap * ops.matmul(unit, gap))
    return ops.sqrt(ops.maximum(square, 0.0))


def mgda_residual(
    gram: Tensor, weights: Tensor, present: Tensor | None = None
) -> Tensor:
    """By how much a step towards one gradient would shorten the combination.

    At the min-norm point `d` no product with a gradient is below `|d|**2`.

    Args:
        gram: As in `prepared`.
        weights: Non-negative, as in `conflict_residual`.
        present: As in `prepared`.

    Returns:
        Float64 scalar, at least 0: `|d|**2 - <d, g_i>` at worst, relative
        to the lengths of `g_i` and of the parts of `d`.
    """
    unit, norms, lengths, mask = prepared(gram, weights, present)
    size = one_over(ops.sum(lengths * one_over(norms)))
    products = ops.matmul(unit, lengths)
    square = ops.sum(lengths * products) * size
    gaps = (square - norms * products) * one_over(norms + size)
    return worst(ops.where(mask, gaps, 0.0))


def bargain_residual(
    gram: Tensor,
    weights: Tensor,
    present: Tensor | None = None,
    power: float = 1.0,
    preference: Tensor | None = None,
) -> Tensor:
    """Spread of `(gram @ weights)_i * weights_i ** power` (Nash, FairGrad).

    Args:
        gram: As in `prepared`.
        weights: As in `prepared`.
        present: As in `prepared`.
        power: 1 for Nash-MTL, `1 / alpha` for FairGrad.
        preference: Non-negative float tensor, shape `(num_tasks,)`: what the
            products are proportional to; `None` for all equal.

    Returns:
        Float64 scalar, at least 0: the worst deviation relative to the mean.
        Large where gradients that cancel leave the problem without a
        solution.
    """
    unit, norms, lengths, mask = prepared(gram, weights, present)
    share = ops.ones_like(norms)
    if preference is not None:
        share = ops.cast(preference, WORK)
    playing = ops.logical_and(norms > 0.0, ops.logical_and(mask, share > 0.0))
    length = ops.where(playing, norms, 1.0)
    length = length / ops.max(length)
    scaled = ops.matmul(unit, lengths) * ops.maximum(lengths, 0.0) ** power
    scaled = scaled * length ** (1.0 - power)
    ratios = ops.where(playing, scaled * one_over(share), 0.0)
    count = ops.sum(ops.cast(playing, WORK))
    mean = ops.sum(ratios) * one_over(count)
    off = ops.where(playing, ops.abs(ratios - mean), 0.0)
    return worst(off / ops.where(count > 0.0, ops.abs(mean), 1.0))
