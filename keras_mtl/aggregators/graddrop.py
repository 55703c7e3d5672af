"""GradDrop: each element of the gradient picks a sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, Reads
from keras_mtl.aggregators.preference import numbers, plain
from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Tensor


def graddrop(
    stack: Tensor, chance: Tensor, leak: Tensor, signs: Tensor | None = None
) -> Tensor:
    """Sums, per element, the gradients of one sign, drawn at random.

    Args:
        stack: Float tensor, shape `(num_tasks, *shape)`.
        chance: Float tensor, broadcast to `shape`: uniform random numbers in
            [0, 1).
        leak: Float tensor, shape `(num_tasks,)`: share of what is dropped
            that each task keeps, in [0, 1].
        signs: Float tensor, broadcast to the shape of `stack`: what decides
            on the signs; `None` for the gradients themselves.

    Returns:
        Tensor of shape `shape`.

    Reference:
        [Chen et al., 2020](https://arxiv.org/abs/2010.06808)
    """
    signs = stack if signs is None else signs
    total = ops.sum(ops.abs(signs), axis=0)
    purity = ops.divide_no_nan(ops.sum(signs, axis=0), total)
    positive = 0.5 * (1.0 + purity) > chance
    kept = ops.where(positive, signs > 0.0, signs < 0.0)
    leak = ops.reshape(leak, (-1, *[1] * (len(stack.shape) - 1)))
    leak = ops.cast(leak, stack.dtype)
    factor = ops.where(kept, ops.ones_like(stack), leak)
    return ops.sum(stack * factor, axis=0)


@keras.saving.register_keras_serializable(package="keras_mtl")
class GradDrop(Aggregator):
    """Keeps, per element, the gradients of one randomly chosen sign.

    A sign is as likely as its share of the absolute sum. Its native scale is
    that of a sum. At a representation (as published) a gradient counts with
    the sign of the feature, and a feature's sign is drawn for the whole
    batch.

    Args:
        leak: How much of a dropped gradient is kept, in [0, 1]: a number, or
            by task.
        seed: Integer seed of the signs.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If a leak is outside [0, 1], or (when the trainer is
            built) names a task that does not exist.
    """

    reads: ClassVar[Reads] = "stack"
    paper: ClassVar[str] = "Chen et al., 2020, https://arxiv.org/abs/2010.06808"
    guarantees: ClassVar[frozenset[str]] = frozenset({"scale-equivariant"})

    def __init__(
        self,
        leak: float | Mapping[str, float] = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.leak = leak
        values = numbers(leak) if isinstance(leak, Mapping) else [leak]
        if not all(0.0 <= value <= 1.0 for value in values):
            raise ValueError(
                f"`leak` must be between 0 and 1. Received: leak={leak!r}."
            )
        self._leaks: list[float] | None = None
        self.seed = seed
        self.random = keras.random.SeedGenerator(seed)

    def check_tasks(
        self, tasks: Sequence[str], among: Sequence[str] | None = None
    ) -> None:
        """Puts the leaks in the order of the tasks."""
        if isinstance(self.leak, Mapping):
            everyone = tasks if among is None else among
            unknown = sorted(set(self.leak) - set(everyone))
            if unknown:
                raise ValueError(
                    "`leak` names tasks that the model does not have: "
                    f"{unknown}. Expected some of {list(everyone)}."
                )
            self._leaks = [self.leak.get(task, 0.0) for task in tasks]

    def native_sum(self, num_present: Tensor) -> Tensor:
        """`T`: the length of a sum."""
        return num_present

    def combine(
        self, stack: Tensor, index: int = 0, present: Tensor | None = None
    ) -> Tensor:
        """Drops signs in one variable. See `graddrop`."""
        stack = _clean(stack, present)
        chance = self._chance(ops.shape(stack)[1:], stack.dtype)
        return graddrop(stack, chance, self._leak(stack.shape[0]))

    def combine_at(
        self,
        stack: Tensor,
        features: Tensor,
        index: int = 0,
        present: Tensor | None = None,
    ) -> Tensor:
        """Drops signs at one frontier tensor, the same for all samples."""
        stack = _clean(stack, present)
        turned = stack * ops.cast(ops.sign(features), stack.dtype)
        signs = ops.sum(turned, axis=1, keepdims=True)
        chance = self._chance(ops.shape(signs)[1:], stack.dtype)
        return graddrop(stack, chance, self._leak(stack.shape[0]), signs)

    def _chance(self, shape: Any, dtype: Any) -> Tensor:
        name = "float64" if "float64" in str(dtype) else "float32"
        chance = keras.random.uniform(shape, dtype=name, seed=self.random)
        return ops.cast(chance, dtype)

    def _leak(self, num_tasks: int) -> Tensor:
        if not isinstance(self.leak, Mapping):
            return ops.full((num_tasks,), float(self.leak))
        if self._leaks is None:
            raise ValueError(
                "`leak` is given by task name: call `check_tasks(tasks)` "
                "first, or give one number."
            )
        return ops.convert_to_tensor(list(self._leaks), "float32")

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "leak": plain(self.leak),
            "seed": self.seed,
        }


def _clean(stack: Tensor, present: Tensor | None) -> Tensor:
    """Zeros for absent tasks, whatever they hold."""
    num_tasks = stack.shape[0]
    mask = all_present(present, num_tasks)
    mask = ops.reshape(mask, (num_tasks, *[1] * (len(stack.shape) - 1)))
    return ops.where(mask, stack, ops.zeros_like(stack))
