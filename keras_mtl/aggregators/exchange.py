"""Active sets of non-negative least squares, by exchanging elements."""

from __future__ import annotations

from typing import NamedTuple

from keras import ops

from keras_mtl.aggregators.solvers import outer
from keras_mtl.typing import Tensor

# Feasibility relative to the size of the solution.
TOLERANCE = 1e-9
# Bound on the exchanges of a problem. One of a block that leaves as many
# infeasible elements as an earlier one hints at a cycle: it counts for
# several.
MAX_EXCHANGES = 12
MAX_SINGLE = 16
SETBACK = 4


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


class Exchange(NamedTuple):
    """Problems of `nnls`, solved by exchanges of their active sets.

    A problem is solved on the passive elements; those that come out negative
    become active, those whose slack is negative become passive.

    Attributes:
        matrix: Positive definite float64 tensor, shape `(T, T)`.
        targets: Float64 tensor, shape `(B, T)`: one problem per row.
        few: After the first round most problems are solved: so many go on
            together.
        singly: Whether to exchange one element at a time, for guesses that
            are nearly right; a block of all infeasible ones otherwise.
    """

    matrix: Tensor
    targets: Tensor
    few: int
    singly: bool

    def solutions(self, passive: Tensor) -> tuple[Tensor, Tensor]:
        """Solves the problems.

        Args:
            passive: Boolean tensor, shape `(B, T)`: where to start.

        Returns:
            The solutions, shape `(B, T)`, and which problems are not solved,
            shape `(B, 1)`.
        """
        number = self.targets.shape[0]
        most = MAX_SINGLE if self.singly else MAX_EXCHANGES
        x = masked_solve(self.matrix, self.targets, passive)
        wrong = self._infeasible(self.targets, x, passive)
        left = ops.full((number,), most, "int32")
        _, _, wrong, x, _ = ops.while_loop(
            lambda left, best, wrong, *_: ops.any(self._goes_on(left, wrong)),
            self._round,
            (left, _number_of(wrong), wrong, x, passive),
            maximum_iterations=most * -(-number // self.few),
        )
        return x, ops.any(wrong, axis=-1, keepdims=True)

    def _goes_on(self, left: Tensor, wrong: Tensor) -> Tensor:
        """Which problems are unsolved, but not hopeless: `(B,)`."""
        count = _number_of(wrong)
        hopeful = left >= count if self.singly else left > 0
        return ops.logical_and(count > 0, hopeful)

    def _round(self, *state: Tensor) -> tuple[Tensor, ...]:
        """One exchange of the `few` most urgent problems."""
        left, _, wrong, *_ = state
        urgency = ops.where(self._goes_on(left, wrong), left, -1)
        chosen = ops.argsort(-urgency)[: self.few]
        rows = ops.expand_dims(chosen, -1)
        taken = (ops.take(part, chosen, axis=0) for part in state)
        found = self._exchanged(ops.take(self.targets, chosen, axis=0), *taken)
        return tuple(
            ops.scatter_update(whole, rows, part)
            for whole, part in zip(state, found, strict=True)
        )

    def _exchanged(
        self,
        targets: Tensor,
        left: Tensor,
        best: Tensor,
        wrong: Tensor,
        x: Tensor,
        passive: Tensor,
    ) -> tuple[Tensor, ...]:
        if self.singly:
            wrong = self._worst(targets, x, passive, wrong)
        passive = ops.logical_xor(passive, wrong)
        x = masked_solve(self.matrix, targets, passive)
        wrong = self._infeasible(targets, x, passive)
        count, cost = _number_of(wrong), ops.ones_like(left)
        if not self.singly:
            cost = ops.where(count < best, cost, SETBACK * cost)
        return left - cost, ops.minimum(count, best), wrong, x, passive

    def _worst(
        self, targets: Tensor, x: Tensor, passive: Tensor, wrong: Tensor
    ) -> Tensor:
        """One infeasible element a problem: a negative one, if any is."""
        negative = ops.logical_and(wrong, passive)
        among = ops.where(ops.any(negative, -1, keepdims=True), negative, wrong)
        values = self._values(targets, x, passive)
        worst = ops.argmin(ops.where(among, values, float("inf")), axis=-1)
        places = ops.arange(self.matrix.shape[0], dtype="int32")
        worst = ops.expand_dims(ops.cast(worst, "int32"), -1)
        return ops.logical_and(wrong, ops.equal(places, worst))

    def _values(self, targets: Tensor, x: Tensor, passive: Tensor) -> Tensor:
        """What should not be negative: passive elements, others' slack."""
        return ops.where(passive, x, ops.matmul(x, self.matrix) - targets)

    def _infeasible(
        self, targets: Tensor, x: Tensor, passive: Tensor
    ) -> Tensor:
        """Which elements are negative, or should not be zero: `(B, T)`."""
        margin = TOLERANCE * (1.0 + ops.max(ops.abs(x), -1, keepdims=True))
        return self._values(targets, x, passive) < -margin


def _number_of(wrong: Tensor) -> Tensor:
    return ops.sum(ops.cast(wrong, "int32"), axis=-1)
