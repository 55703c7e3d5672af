"""Two halves of a batch, whose noise is independent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import keras
from keras import ops

from keras_mtl.backend.objective import Objective
from keras_mtl.backend.phase import Batch, Phase, PhaseResult
from keras_mtl.backend.replicas import place_among
from keras_mtl.losses import TaskLoss
from keras_mtl.typing import Tensor


class Halves(NamedTuple):
    """A batch in two halves.

    Attributes:
        parts: The halves.
        begin: Integer scalar: 0 where the first half has the first sample.
        size: Integer scalar: number of samples.
    """

    parts: tuple[Batch, Batch]
    begin: Tensor
    size: Tensor

    def in_order(self, outputs: Sequence[Tensor]) -> Tensor:
        """Outputs of both halves, in the order of the samples."""
        turn = ops.arange(self.size, dtype="int32")
        second = ops.cast(ops.not_equal(turn % 2, self.begin), turn.dtype)
        place = turn // 2 + second * ops.shape(outputs[0])[0]
        return ops.take(ops.concatenate(list(outputs)), place, axis=0)


def halves_of(batch: Batch) -> Halves:
    """Every other sample, and the rest; of a single sample, that one twice.

    Replicas go on counting where the one before them ended, so that the
    halves are those of the global batch on one device.

    Args:
        batch: Inputs, labels and sample weights of one set of samples.

    Returns:
        The halves. An odd sample belongs to the first.
    """
    size = ops.shape(keras.tree.flatten(batch.inputs)[0])[0]
    before, total = place_among(size)
    pace = ops.minimum(total, 2)
    begin = before % pace

    def first(tensor: Tensor) -> Tensor:
        return tensor[begin::pace]

    def second(tensor: Tensor) -> Tensor:
        return tensor[pace - 1 - begin :: pace]

    parts = (_mapped(batch, first), _mapped(batch, second))
    return Halves(parts, begin, size)


def _mapped(batch: Batch, part: Any) -> Batch:
    tree = keras.tree.map_structure
    return replace(
        batch,
        inputs=tree(part, batch.inputs),
        labels=tree(part, dict(batch.labels)),
        weights={
            task: None if weight is None else part(weight)
            for task, weight in batch.weights.items()
        },
    )


def half_shares(
    objectives: Sequence[Objective],
    tasks: Sequence[str],
    losses: Mapping[str, TaskLoss],
) -> list[Tensor]:
    """What each half counts in the loss of the whole batch.

    Args:
        objectives: Of the halves.
        tasks: Names of the tasks.
        losses: Task to its loss: where it sums over the batch, halves add up.

    Returns:
        Per half, a tensor of shape `(num_tasks,)`.
    """
    counts = [objective.result.counts for objective in objectives]
    total = sum(counts[1:], counts[0])
    sums = [losses[task].reduction == "sum" for task in tasks]
    mask = ops.convert_to_tensor(sums)
    return [
        ops.where(mask, 1.0, ops.divide_no_nan(count, total))
        for count in counts
    ]


def joined(
    objectives: Sequence[Objective],
    shares: Sequence[Tensor],
    phase: Phase,
    halves: Halves,
) -> Objective:
    """The objective of the whole batch, to be made under the tape.

    Args:
        objectives: Of the halves.
        shares: What `half_shares` returned.
        phase: Of both.
        halves: What `halves_of` returned.

    Returns:
        Losses, weights and scalars of both halves together.
    """
    results = [objective.result for objective in objectives]

    def mean(values: Sequence[Any]) -> Any:
        return None if values[0] is None else sum(values[1:], values[0]) / 2.0

    whole = PhaseResult(
        sum(s * r.losses for s, r in zip(shares, results, strict=True)),
        results[0].counts + results[1].counts,
        mean([result.extra for result in results]),
        {
            task: halves.in_order([r.outputs[task] for r in results])
            for task in phase.tasks
        },
    )
    tasks = [
        sum(
            share[index] * objective.tasks[index]
            for share, objective in zip(shares, objectives, strict=True)
        )
        for index in range(len(phase.tasks))
    ]
    return Objective(
        whole,
        mean([objective.weights for objective in objectives]),
        tasks,
        mean([objective.penalty for objective in objectives]),
        mean([objective.extra for objective in objectives]),
    )
