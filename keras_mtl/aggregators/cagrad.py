"""CAGrad: the best worst-case improvement near the mean gradient."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal, NamedTuple

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.mgda import min_norm_point
from keras_mtl.aggregators.nnls import nnls
from keras_mtl.aggregators.residuals import worst
from keras_mtl.aggregators.solvers import (
    WORK,
    all_present,
    clean_gram,
    correlation,
    one_over,
    per_task,
    positive_part,
    shares,
)
from keras_mtl.typing import Tensor

# Of the radius of the trust region, and how many roots are tried for it.
TOLERANCE = 1e-9
MAX_ROOTS = 60


def cagrad_weights(
    gram: Tensor, present: Tensor | None = None, c: float = 0.5
) -> Tensor:
    """Weights of the direction whose worst improvement is best.

    Maximises `min_i <d, g_i>` over `|d - g_0| <= c |g_0|`, `g_0` the mean
    gradient. For a wanted worst improvement `t` the shortest correction is a
    non-negative least-squares problem; the largest `t` that the radius allows
    is found by Newton's method within a bracket, to 1e-9 of the radius.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        c: Radius relative to the length of the mean gradient, at least 0.

    Returns:
        Float tensor, shape `(num_tasks,)`: non-negative.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Liu et al., 2021](https://arxiv.org/abs/2110.14048)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        share = shares(present)
        if c == 0.0:
            return share
        return share + _correction(gram, present, share, c)

    return per_task(solve, gram, present)


class _Search(NamedTuple):
    """The search for the best worst improvement `t`, within a bracket.

    Attributes:
        unit: Gram matrix of the unit gradients.
        inverse: One over the lengths of the gradients.
        products: Products of the gradients with their mean.
        radius: How long the correction may be.
    """

    unit: Tensor
    inverse: Tensor
    products: Tensor
    radius: Tensor

    def attempt(self, wanted: Tensor, passive: Tensor) -> tuple[Tensor, ...]:
        """The shortest correction for a `t`, its length, and the slope."""
        target = (wanted - self.products) * self.inverse
        mixing = nnls(self.unit, target[None, :], passive[None, :])[0]
        size = _length(self.unit, mixing)
        # d|r|/dt is the sum of the multipliers over the length.
        return mixing, size, ops.sum(mixing * self.inverse) * one_over(size)

    def narrow(
        self, low: Tensor, high: Tensor, wanted: Tensor, mixing: Tensor, *_: Any
    ) -> tuple[Tensor, ...]:
        """One attempt, a smaller bracket, and what to try next."""
        passive = ops.where(
            ops.any(mixing > 0.0), mixing > 0.0, high > self.products
        )
        mixing, size, slope = self.attempt(wanted, passive)
        low = ops.where(size <= self.radius, wanted, low)
        high = ops.where(size > self.radius, wanted, high)
        root = wanted + (self.radius - size) * one_over(slope)
        inside = ops.logical_and(root > low, root < high)
        usable = ops.logical_and(inside, slope > 0.0)
        following = ops.where(usable, root, (low + high) / 2.0)
        return low, high, following, mixing, size

    def unfinished(
        self,
        low: Tensor,
        high: Tensor,
        wanted: Tensor,
        mixing: Tensor,
        size: Tensor,
    ) -> Tensor:
        """Whether neither the bracket nor the length is close enough."""
        apart = high - low > TOLERANCE * TOLERANCE * ops.abs(high)
        off = ops.abs(size - self.radius) > TOLERANCE * self.radius
        return ops.logical_and(apart, off)


def _correction(
    gram: Tensor, present: Tensor, share: Tensor, c: float
) -> Tensor:
    """Weights of the correction of the mean gradient."""
    unit, norms = correlation(gram)
    products = ops.matmul(gram, share)
    radius = c * ops.sqrt(ops.maximum(ops.sum(share * products), 0.0))
    search = _Search(positive_part(unit), one_over(norms), products, radius)
    hull = _length(gram, min_norm_point(gram, present))
    # <d, g> >= t on the hull implies |d| |hull| >= t.
    high = (1.0 + 1.0 / c) * radius * hull
    low = ops.min(ops.where(present, products, float("inf")))
    low = ops.where(ops.isfinite(low), low, 0.0)
    start = (low, high, high, ops.zeros_like(norms), -ops.ones_like(radius))
    *_, mixing, size = ops.while_loop(
        search.unfinished, search.narrow, start, maximum_iterations=MAX_ROOTS
    )
    # The last root may lie outside by the tolerance.
    shrink = ops.minimum(1.0, radius * one_over(size))
    return mixing * search.inverse * ops.where(size > 0.0, shrink, 0.0)


def cagrad_residual(
    gram: Tensor,
    weights: Tensor,
    present: Tensor | None = None,
    c: float = 0.5,
) -> Tensor:
    """Duality gap of CAGrad's problem, or the excess over its radius.

    Every convex combination `h` bounds the worst improvement from above, by
    `<h, g_0> + c |g_0| |h|`: that of the correction, and the shortest.

    Args:
        gram: As in `prepared`.
        weights: Native weights, without rescaling.
        present: As in `prepared`.
        c: Radius relative to the length of the mean gradient, at least 0.

    Returns:
        Float64 scalar, at least 0: relative to the length of the mean
        gradient, and to that of the longest gradient.
    """
    gram = ops.convert_to_tensor(gram)
    mask = all_present(present, gram.shape[0])
    clean = ops.cast(clean_gram(gram, mask), WORK)
    clean = clean * one_over(ops.max(ops.diagonal(clean)))
    share = shares(mask)
    given = ops.where(mask, ops.cast(weights, WORK), 0.0)
    mean = ops.matmul(clean, share)
    radius = c * _length(clean, share)
    products = ops.matmul(clean, given)
    lowest = ops.min(ops.where(mask, products, float("inf")))
    last = ops.logical_and(mask, ops.equal(products, lowest))
    bounds = []
    for hull in (given - share, min_norm_point(clean, mask), last):
        hull = ops.maximum(ops.cast(hull, WORK), 0.0)
        hull = hull * one_over(ops.sum(hull))
        bound = ops.sum(hull * mean) + radius * _length(clean, hull)
        bounds.append(ops.where(ops.any(hull > 0.0), bound, float("inf")))
    gap = ops.min(ops.stack(bounds)) - lowest
    excess = _length(clean, given - share) - radius
    off = ops.maximum(gap, excess) * one_over(_length(clean, share))
    return worst(ops.where(ops.any(mask), off, 0.0))


def _length(gram: Tensor, weights: Tensor) -> Tensor:
    square = ops.sum(weights * ops.matmul(gram, weights))
    return ops.sqrt(ops.maximum(square, 0.0))


@keras.saving.register_keras_serializable(package="keras_mtl")
class CAGrad(Aggregator):
    """Improves the worst task while staying near the mean gradient.

    Its native scale is that of a mean: identical gradients `g` give
    `(1 + c) * g` before rescaling. For `c >= 1` no task is harmed.

    Args:
        c: Radius of the search relative to the mean gradient, at least 0;
            0 gives the mean.
        rescale: 0 for none, 1 to divide by `1 + c**2`, 2 to divide by
            `1 + c`.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If `c` is negative or `rescale` unknown.
    """

    paper: ClassVar[str] = "Liu et al., 2021, https://arxiv.org/abs/2110.14048"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "permutation-equivariant", "deterministic"}
    )

    def __init__(
        self, c: float = 0.5, rescale: Literal[0, 1, 2] = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not (math.isfinite(c) and c >= 0.0):
            raise ValueError(
                f"`c` must be a number of at least 0. Received: c={c!r}."
            )
        if rescale not in (0, 1, 2):
            raise ValueError(
                "`rescale` must be 0 (none), 1 (divide by 1 + c**2) or 2 "
                f"(divide by 1 + c). Received: rescale={rescale!r}."
            )
        self.c = c
        self.rescale = rescale

    @property
    def divisor(self) -> float:
        """What `rescale` divides by."""
        return (1.0, 1.0 + self.c**2, 1.0 + self.c)[self.rescale]

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`1 + c` before rescaling."""
        return ops.ones_like(num_present) * (1.0 + self.c) / self.divisor

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Conflict-averse weights. See `cagrad_weights`."""
        return cagrad_weights(gram, present, self.c) / self.divisor

    def residual(
        self, gram: Tensor, weights: Tensor, present: Tensor | None = None
    ) -> Tensor | None:
        """Distance from the best direction. See `cagrad_residual`."""
        native = weights * self.divisor
        if self.scale == "sum":
            mask = ops.cast(all_present(present, gram.shape[0]), gram.dtype)
            native = native * (1.0 + self.c) / self.divisor
            native = native * one_over(ops.sum(mask))
        return cagrad_residual(gram, native, present, self.c)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "c": self.c, "rescale": self.rescale}
