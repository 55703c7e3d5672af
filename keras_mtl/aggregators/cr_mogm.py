"""CR-MOGM: the weights of any aggregator, averaged over the steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.base import Aggregator, Granularity
from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Shape, Tensor


def cr_mogm_weights(
    last: Tensor, found: Tensor, seen: Tensor, decay: float = 0.7
) -> Tensor:
    """Moving average of the weights.

    Args:
        last: Float tensor, shape `(..., num_tasks)`: the average so far.
        found: Float tensor of the same shape: the weights of this step.
        seen: Boolean tensor of the same shape: where there is an average.
        decay: Share of the average that stays, in [0, 1).

    Returns:
        Tensor of the same shape.

    Reference:
        [Zhou et al., 2022](https://openreview.net/forum?id=3Ydk8zlZBLu)
    """
    average = decay * last + (1.0 - decay) * found
    return ops.where(seen, average, found)


@keras.saving.register_keras_serializable(package="keras_mtl")
class CRMOGM(Aggregator):
    """Averages the weights of another aggregator over the steps.

    It removes the correlation between the weights and the gradients of the
    same batch. The average starts at the first weights. Its native scale is
    that of the other aggregator.

    Args:
        aggregator: An aggregator that gives weights, or its configuration.
        decay: Share of the average that stays, in [0, 1).
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If `decay` is out of range, or the aggregator combines
            elementwise.
    """

    paper: ClassVar[str] = (
        "Zhou et al., 2022, https://openreview.net/forum?id=3Ydk8zlZBLu"
    )

    def __init__(
        self,
        aggregator: Aggregator | dict[str, Any],
        decay: float = 0.7,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(aggregator, dict):
            aggregator = keras.saving.deserialize_keras_object(aggregator)
        if not isinstance(aggregator, Aggregator):
            raise ValueError(
                f"`aggregator` must be an aggregator. Received: {aggregator!r}."
            )
        if aggregator.reads == "stack":
            raise ValueError(
                f"{type(aggregator).__name__} gives no weights to average: it "
                "combines elementwise. Wrap an aggregator that reads the Gram "
                "matrix."
            )
        if not 0.0 <= decay < 1.0:
            raise ValueError(
                "`decay` must be at least 0 and below 1. Received: "
                f"decay={decay!r}."
            )
        self.aggregator = aggregator
        self.decay = decay
        # These are the other's to say.
        self.reads = aggregator.reads  # type: ignore[misc]
        self.transforms = aggregator.transforms  # type: ignore[misc]
        self.representation = aggregator.representation  # type: ignore[misc]
        kept = {"permutation-equivariant", "deterministic"}
        self.guarantees = aggregator.guarantees & kept  # type: ignore[misc]

    @property
    def reads_losses(self) -> bool:
        """As the wrapped aggregator."""
        return self.aggregator.reads_losses

    @property
    def independent(self) -> bool:
        """As the wrapped aggregator."""
        return self.aggregator.independent

    @property
    def granularity(self) -> Granularity:
        """As the wrapped aggregator."""
        return self.aggregator.granularity

    def native_sum(self, num_present: Tensor) -> Tensor:
        """As the wrapped aggregator."""
        return self.aggregator.native_sum(num_present)

    def check_tasks(
        self, tasks: Sequence[str], among: Sequence[str] | None = None
    ) -> None:
        """As the wrapped aggregator."""
        self.aggregator.check_tasks(tasks, among)

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the averages and the state of the wrapped aggregator."""
        if not self.aggregator.built:
            self.aggregator.build_state(num_tasks, shapes, num_blocks)
        shape = (num_blocks, num_tasks)
        self.last = self.add_weight(
            shape, "zeros", trainable=False, name="last"
        )
        self.seen = self.add_weight(
            (num_tasks,), "zeros", dtype="bool", trainable=False, name="seen"
        )
        super().build_state(num_tasks, shapes, num_blocks)

    def transform(
        self, stack: Tensor, index: int, present: Tensor | None = None
    ) -> Tensor:
        """As the wrapped aggregator."""
        return self.aggregator.transform(stack, index, present)

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Averaged weights. See `cr_mogm_weights`."""
        if not self.built:
            self.build_state(self.num_tasks(gram), [])
        found = self.aggregator.task_weights(gram, present, losses)
        return self._averaged(found[None], present)[0]

    def block_weights(
        self,
        grams: Tensor,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Averaged weights of each block. See `cr_mogm_weights`."""
        found = self.aggregator.block_weights(grams, present, losses)
        return self._averaged(found, present)

    def _averaged(self, found: Tensor, present: Tensor | None) -> Tensor:
        mask = all_present(present, found.shape[-1])
        last = ops.convert_to_tensor(self.last)
        seen = ops.convert_to_tensor(self.seen)
        found = ops.cast(found, last.dtype)
        average = cr_mogm_weights(last, found, seen, self.decay)
        average = average * ops.cast(mask, average.dtype)
        mask = ops.logical_and(mask, ops.all(ops.isfinite(found)))
        self.last.assign(ops.where(mask, average, last))
        self.seen.assign(ops.logical_or(seen, mask))
        return average

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        inner = keras.saving.serialize_keras_object(self.aggregator)
        return {
            **super().get_config(),
            "aggregator": inner,
            "decay": self.decay,
        }
