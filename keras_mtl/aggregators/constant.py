"""Constant weights of the task gradients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, Reads
from keras_mtl.aggregators.preference import in_order, numbers, plain
from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor


def constant_weights(weights: Tensor, present: Tensor | None = None) -> Tensor:
    """The weights, zero for absent tasks.

    Args:
        weights: Float tensor, shape `(num_tasks,)`.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.

    Returns:
        Tensor, shape `(num_tasks,)`.
    """
    weights = ops.convert_to_tensor(weights)
    mask = all_present(present, weights.shape[0])
    return weights * ops.cast(mask, weights.dtype)


@keras.saving.register_keras_serializable(package="keras_mtl")
class Constant(Aggregator):
    """Weights that the user chose, for the gradients of the shared weights.

    Unlike the `Static` weighting it leaves the heads' gradients alone.

    Args:
        weights: Task name to weight, or one number per task in the order of
            the sorted names. Finite; a negative one climbs that loss.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If a weight is not finite, or (when the trainer is built)
            the weights do not fit the tasks.
    """

    reads: ClassVar[Reads] = "nothing"
    guarantees: ClassVar[frozenset[str]] = frozenset(
        {"scale-equivariant", "deterministic"}
    )

    def __init__(
        self, weights: Mapping[str, float] | Sequence[float], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        values = numbers(weights)
        if not values or not all(math.isfinite(value) for value in values):
            raise ValueError(
                "`weights` must be finite numbers, one per task. Received: "
                f"weights={weights!r}."
            )
        self.chosen = weights
        named = isinstance(weights, Mapping)
        self._values: Any = None if named else values

    def check_tasks(
        self, tasks: Sequence[str], among: Sequence[str] | None = None
    ) -> None:
        """Puts the weights in the order of the tasks."""
        self._values = in_order("weights", self.chosen, tasks, among)

    def rescaled(self, weights: Tensor, present: Tensor | None) -> Tensor:
        """With `scale="sum"`, the weights sum to the number of tasks."""
        if self.scale == "native":
            return weights
        mask = ops.cast(all_present(present, weights.shape[-1]), weights.dtype)
        total = ops.sum(weights)
        return weights * ops.divide_no_nan(ops.sum(mask), total)

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """The chosen weights. See `constant_weights`.

        Raises:
            ValueError: If they are by name and the names are not known yet.
        """
        if self._values is None:
            raise ValueError(
                "`weights` is given by task name: call `check_tasks(tasks)` "
                "first, or give a list in the order of the gradients."
            )
        values = ops.convert_to_tensor(list(self._values), self.dtype)
        return constant_weights(values, present)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "weights": plain(self.chosen)}
