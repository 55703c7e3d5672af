"""PCD: one task leads, the others are guaranteed some progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.nnls import nnls
from keras_mtl.aggregators.residuals import prepared, worst
from keras_mtl.aggregators.solvers import (
    WORK,
    all_present,
    clean_gram,
    correlation,
    one_over,
    per_task,
    positive_part,
)
from keras_mtl.typing import Shape, Tensor

# Below this (relative) slack the constraints contradict each other.
FEASIBLE = 1e-6


def pcd_weights(
    gram: Tensor,
    present: Tensor | None = None,
    primary: int = 0,
    tau: float = 0.02,
    lengths: Tensor | None = None,
) -> Tensor:
    """Weights of the nearest direction to the primary gradient.

    Of the gradients divided by `lengths`, it is the nearest vector to the
    primary one whose product with every other is at least `tau` times that
    one's square, stretched to the length of the primary gradient. Solved
    exactly, as non-negative least squares. Where no direction meets all
    conditions, and where the primary gradient is zero, it is the primary
    gradient.

    Args:
        gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products of
            the task gradients.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all. If
            the primary task is absent, the direction is the shortest that
            meets the conditions, with the mean length of the gradients.
        primary: Position of the primary task.
        tau: Guaranteed share of progress, in [0, 1].
        lengths: Positive float tensor, shape `(num_tasks,)`: usual lengths of
            the gradients; `None` for the present ones.

    Returns:
        Float tensor, shape `(num_tasks,)`: non-negative.

    Raises:
        ValueError: If `gram` is not a square matrix.

    Reference:
        [Varam & AlHajri, 2026](https://arxiv.org/abs/2606.29521)
    """

    def solve(gram: Tensor, present: Tensor) -> Tensor:
        num_tasks = gram.shape[0]
        unit, norms = correlation(gram)
        usual = norms if lengths is None else ops.cast(lengths, WORK)
        # Lengths of the gradients after division; any common factor cancels.
        size = norms * one_over(usual)
        lead = ops.equal(ops.arange(num_tasks), primary)
        anchor = ops.where(lead, size, 0.0)
        # Others in units of their own length: unit @ mixing >= wanted.
        wanted = tau * size - ops.matmul(unit, anchor)
        other = ops.logical_and(norms > 0.0, ops.logical_not(lead))
        pair = ops.logical_and(other[:, None], other[None, :])
        eye = ops.eye(num_tasks, dtype=WORK)
        matrix = ops.where(pair, positive_part(unit), eye)
        wanted = ops.where(other, wanted, 0.0)
        mixing = nnls(matrix, wanted[None, :])[0]
        mixing = ops.where(other, mixing, 0.0)
        slack = ops.where(other, ops.matmul(matrix, mixing) - wanted, 0.0)
        bound = FEASIBLE * ops.max(ops.abs(wanted))
        mixing = ops.where(ops.min(slack) < -bound, 0.0, mixing) + anchor
        square = ops.sum(mixing * ops.matmul(unit, mixing))
        count = ops.sum(ops.cast(present, WORK))
        led = ops.any(ops.logical_and(lead, present))
        length = ops.sum(norms) * one_over(count)
        length = ops.where(led, ops.sum(ops.where(lead, norms, 0.0)), length)
        stretch = length * one_over(ops.sqrt(ops.maximum(square, 0.0)))
        return mixing * one_over(norms) * stretch

    return per_task(solve, gram, present)


def pcd_residual(
    gram: Tensor,
    weights: Tensor,
    present: Tensor | None,
    primary: int,
    tau: float,
    lengths: Tensor,
) -> Tensor:
    """Violation of the conditions for PCD's direction.

    Every other task has its guaranteed progress, and those that have more
    of it are not added.

    Args:
        gram: As in `prepared`.
        weights: As in `prepared`.
        present: As in `prepared`.
        primary: Position of the primary task.
        tau: Guaranteed share of progress, in [0, 1].
        lengths: Float tensor, shape `(num_tasks,)`: usual lengths.

    Returns:
        Float64 scalar, at least 0, relative to the sum of the lengths of
        what is combined. Large where the conditions contradict each other.
    """
    unit, norms, found, mask = prepared(gram, weights, present)
    size = norms * one_over(ops.cast(lengths, WORK))
    lead = ops.equal(ops.arange(norms.shape[0]), primary)
    anchor = ops.where(ops.logical_and(lead, mask), size, 0.0)
    products = ops.matmul(unit, found)
    other = ops.logical_and(norms > 0.0, ops.logical_not(lead))
    # In units in which the primary gradient has its size; without it, as
    # short as the conditions allow.
    needed = tau * size * one_over(products)
    needed = ops.max(ops.where(other, needed, 0.0))
    led = ops.sum(ops.where(lead, found, 0.0))
    unit_length = ops.where(led > 0.0, ops.sum(anchor) * one_over(led), needed)
    slack = ops.where(other, unit_length * products - tau * size, 0.0)
    total = one_over(ops.maximum(unit_length, ops.max(size)))
    off = ops.maximum(-slack * total, ops.abs(found * slack) * total)
    return worst(ops.where(other, off, 0.0))


@keras.saving.register_keras_serializable(package="keras_mtl")
class PCD(Aggregator):
    """Follows a primary task, and secures a share of progress for others.

    Gradients are divided by moving averages of their lengths, so that `tau`
    does not depend on the scale of the losses. Its native scale is that of
    the primary gradient.

    Args:
        primary: Name of the primary task; `None` for the first by name,
            which also leads in groups of tasks without the primary one.
        tau: Share of progress that every other task is guaranteed, in [0, 1].
        beta: Decay of the averages of squared lengths, in [0, 1).
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If an option is out of range, or (when the trainer is
            built) `primary` is not a task.
    """

    paper: ClassVar[str] = (
        "Varam & AlHajri, 2026, https://arxiv.org/abs/2606.29521"
    )
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "deterministic"}
    )

    def __init__(
        self,
        primary: str | None = None,
        tau: float = 0.02,
        beta: float = 0.999,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not 0.0 <= tau <= 1.0:
            raise ValueError(
                f"`tau` must be between 0 and 1. Received: tau={tau!r}."
            )
        if not 0.0 <= beta < 1.0:
            raise ValueError(
                "`beta` must be at least 0 and below 1. Received: "
                f"beta={beta!r}."
            )
        self.primary = primary
        self.tau = tau
        self.beta = beta
        self._position = 0 if primary is None else None

    def check_tasks(
        self, tasks: Sequence[str], among: Sequence[str] | None = None
    ) -> None:
        """Finds the primary task; a group without it follows its first."""
        if self.primary is None:
            return
        everyone = tasks if among is None else among
        if self.primary not in everyone:
            raise ValueError(
                f"`primary` must be one of the tasks {list(everyone)}. "
                f"Received: primary={self.primary!r}."
            )
        found = self.primary in tasks
        self._position = list(tasks).index(self.primary) if found else 0

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the averages of squared lengths."""
        self.squares = self.add_weight(
            (num_tasks,), "zeros", trainable=False, name="squares"
        )
        self.total = self.add_weight(
            (num_tasks,), "zeros", trainable=False, name="total"
        )
        super().build_state(num_tasks, shapes, num_blocks)

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights of the constrained direction. See `pcd_weights`.

        Raises:
            ValueError: If `primary` is a name that is not known yet.
        """
        if self._position is None:
            raise ValueError(
                f"`primary` is {self.primary!r}: call `check_tasks(tasks)` "
                "first, or leave it out for the first gradient."
            )
        gram = ops.convert_to_tensor(gram)
        mask = all_present(present, self.num_tasks(gram))
        if not self.built:
            self.build_state(gram.shape[0], [])
        now = ops.diagonal(clean_gram(gram, present))
        finite = ops.all(ops.isfinite(clean_gram(gram, present)))
        seen = ops.logical_and(mask, finite)
        self._move(self.squares, ops.cast(now, self.squares.dtype), seen)
        self._move(self.total, ops.ones_like(self.total), seen)
        lengths = self._lengths()
        return pcd_weights(gram, present, self._position, self.tau, lengths)

    def _lengths(self) -> Tensor:
        """Usual lengths of the gradients, as far as they are known."""
        squares = ops.cast(self.squares, WORK)
        return ops.sqrt(ops.divide_no_nan(squares, ops.cast(self.total, WORK)))

    def residual(
        self, gram: Tensor, weights: Tensor, present: Tensor | None = None
    ) -> Tensor | None:
        """Conditions that are not met. See `pcd_residual`.

        Right after `task_weights`, whose lengths it takes.
        """
        return pcd_residual(
            gram,
            weights,
            present,
            self._position or 0,
            self.tau,
            self._lengths(),
        )

    def _move(self, average: Any, value: Tensor, seen: Tensor) -> None:
        old = ops.convert_to_tensor(average)
        moved = self.beta * old + (1.0 - self.beta) * value
        average.assign(ops.where(seen, moved, old))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "primary": self.primary,
            "tau": self.tau,
            "beta": self.beta,
        }
