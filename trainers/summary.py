"""The losses of a training batch in one tensor.

One tensor, since the phases of a shuffled order run inside a graph loop.
"""

from __future__ import annotations

from keras import ops

from keras_mtl.aggregators.base import state_dtype
from keras_mtl.backend.phase import Phase, PhaseResult
from keras_mtl.typing import Tensor


def empty_summary(num_tasks: int) -> Tensor:
    """A summary in which no phase has run yet.

    Args:
        num_tasks: Number of tasks of the trainer.

    Returns:
        Float tensor, shape `(2 * num_tasks + 1,)`: task losses, counts of
        labelled elements, and the losses of layers.
    """
    return ops.zeros((2 * num_tasks + 1,), state_dtype())


def phase_summary(phase: Phase, result: PhaseResult) -> Tensor:
    """The summary of one phase; summaries of several phases add up.

    Args:
        phase: The phase.
        result: What it left behind.

    Returns:
        As `empty_summary`, with zeros for the tasks of other phases.
    """
    size = phase.num_tasks
    counts = [size + position for position in phase.positions]
    indices = ops.convert_to_tensor([*phase.positions, *counts, 2 * size])
    values = ops.concatenate([result.losses, result.counts])
    values = ops.append(values, ops.expand_dims(result.extra, 0))
    shape = (2 * size + 1,)
    return ops.scatter(ops.expand_dims(indices, -1), values, shape)
