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
)
from keras_mtl.typing import Tensor

# Where there is no number: telemetry adds up finite values only.
WORST = 1e30


def _prepared(
    gram: Tensor, weights: Tensor, present: Tensor | None
) -> tuple[Tensor, ...]:
    """Unit Gram matrix, norms, weights of the unit rows (sum 1), and mask."""
    gram = ops.convert_to_tensor(gram)
    mask = all_present(present, gram.shape[0])
    unit, norms = correlation(ops.cast(clean_gram(gram, mask), WORK))
    lengths = ops.where(mask, ops.cast(weights, WORK), 0.0) * norms
    return unit, norms, lengths * one_over(ops.sum(ops.abs(lengths))), mask


def _worst(values: Tensor) -> Tensor:
    """The largest value, at least 0 and finite."""
    worst = ops.maximum(ops.max(values), 0.0)
    return ops.where(worst < WORST, worst, WORST)


def conflict_residual(
    gram: Tensor, weights: Tensor, present: Tensor | None = None
) -> Tensor:
    """How much the combination conflicts with a gradient (UPGrad, DualProj).

    Of the conditions for their solution it is the one that the combination
    alone shows: a harmless direction that is not the nearest has none.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        weights: Float tensor, shape `(num_tasks,)`, in any unit.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Float64 scalar in [0, 1]: the worst negative product with a unit
        gradient, relative to the sum of the weighted gradients' lengths.
    """
    unit, _, lengths, _ = _prepared(gram, weights, present)
    return _worst(-ops.matmul(unit, lengths))


def mgda_residual(
    gram: Tensor, weights: Tensor, present: Tensor | None = None
) -> Tensor:
    """By how much a step towards one gradient would shorten the combination.

    At the min-norm point `d` no product with a gradient is below `|d|**2`.

    Args:
        gram: As in `conflict_residual`.
        weights: Non-negative, as in `conflict_residual`.
        present: As in `conflict_residual`.

    Returns:
        Float64 scalar, at least 0: `|d|**2 - <d, g_i>` at worst, relative
        to the lengths of `g_i` and of the parts of `d`.
    """
    unit, norms, lengths, mask = _prepared(gram, weights, present)
    size = one_over(ops.sum(lengths * one_over(norms)))
    products = ops.matmul(unit, lengths)
    square = ops.sum(lengths * products) * size
    gaps = (square - norms * products) * one_over(norms + size)
    return _worst(ops.where(mask, gaps, 0.0))


def bargain_residual(
    gram: Tensor,
    weights: Tensor,
    present: Tensor | None = None,
    power: float = 1.0,
    preference: Tensor | None = None,
) -> Tensor:
    """Spread of `(gram @ weights)_i * weights_i ** power` (Nash, FairGrad).

    Args:
        gram: As in `conflict_residual`.
        weights: As in `conflict_residual`.
        present: As in `conflict_residual`.
        power: 1 for Nash-MTL, `1 / alpha` for FairGrad.
        preference: Non-negative float tensor, shape `(num_tasks,)`: what the
            products are proportional to; `None` for all equal.

    Returns:
        Float64 scalar, at least 0: the worst deviation relative to the mean.
        Large where gradients that cancel leave the problem without a
        solution.
    """
    unit, norms, lengths, mask = _prepared(gram, weights, present)
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
    return _worst(off / ops.where(count > 0.0, ops.abs(mean), 1.0))
