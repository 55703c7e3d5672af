"""Two halves of a batch, whose noise is independent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
from keras import ops

from keras_mtl.backend.objective import Objective
from keras_mtl.backend.phase import Batch, Phase, PhaseResult
from keras_mtl.losses import TaskLoss
from keras_mtl.typing import Tensor


def halves_of(batch: Batch) -> tuple[Batch, Batch]:
    """The first and the second half; of a single sample, that one twice.

    Args:
        batch: Inputs, labels and sample weights of one set of samples.

    Returns:
        Two batches. An odd sample belongs to the second.
    """
    size = ops.shape(keras.tree.flatten(batch.inputs)[0])[0]
    middle = size // 2

    def first(tensor: Tensor) -> Tensor:
        return tensor[: ops.maximum(middle, 1)]

    def second(tensor: Tensor) -> Tensor:
        return tensor[middle:]

    return _mapped(batch, first), _mapped(batch, second)


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
    batch: Batch,
) -> Objective:
    """The objective of the whole batch, to be made under the tape.

    Args:
        objectives: Of the halves.
        shares: What `half_shares` returned.
        phase: Of both.
        batch: The whole one.

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
            task: _as_many([r.outputs[task] for r in results], batch)
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


def _as_many(outputs: Sequence[Tensor], batch: Batch) -> Tensor:
    """Outputs of both halves: as many as there are samples."""
    size = ops.shape(keras.tree.flatten(batch.inputs)[0])[0]
    return ops.concatenate(list(outputs))[:size]
