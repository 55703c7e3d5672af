"""Progressive layered extraction: shared experts and experts of one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtl.layers import ExpertMixture
from keras_mtl.models.experts import Experts, softmax_gate
from keras_mtl.models.heads import assemble, check_tasks, check_units

_SHARED = "shared"


def ple(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    num_levels: int = 2,
    num_experts: int = 2,
    num_shared_experts: int = 2,
    units: Sequence[int] = (64,),
    widths: Sequence[int] = (),
    head_units: Sequence[int] = (),
    activation: str = "relu",
    dropout: float = 0.0,
    name: str = "ple",
) -> Any:
    """Levels of experts, some of one task and some shared, joined by gates.

    A task's gate reads its own experts and the shared ones; the gate of the
    shared features reads all. With one level this is customized gate control
    (CGC).

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Shape of one sample. More than one axis is flattened.
        num_levels: Number of levels of experts.
        num_experts: Number of experts of each task, at each level.
        num_shared_experts: Number of shared experts, at each level.
        units: Units of each dense layer of an expert, one or more.
        widths: Filters of the convolutions of an expert of the first level,
            each 3x3 and followed by a max-pooling; for images, empty for
            tables.
        head_units: Units of each hidden layer of a task's tower.
        activation: Name of the Keras activation of every hidden layer.
        dropout: Share of units dropped after every dense layer, in [0, 1).
        name: Name of the model.

    Returns:
        A Functional model from the input `features`, float, shape
        `(batch, *input_shape)`, to a dict, task to float32 tensor of shape
        `(batch, units)`: logits, or values of a regression.

    Raises:
        ValueError: If `tasks` is empty, or a number is out of its range.

    Reference:
        [Tang et al., 2020](https://doi.org/10.1145/3383313.3412236)
    """
    check_tasks(tasks)
    if _SHARED in tasks:
        raise ValueError(
            f"No task of {name!r} may be named {_SHARED!r}, the name of the "
            f"shared experts. Received: tasks={sorted(tasks)}. Rename it."
        )
    numbers = {
        "num_levels": num_levels,
        "num_experts": num_experts,
        "num_shared_experts": num_shared_experts,
    }
    for argument, number in numbers.items():
        check_units(argument, [number])
    parts = Experts(units, widths, head_units, activation, dropout)
    shape = parts.checked_shape(input_shape)
    features = keras.Input(shape, name="features")
    counts = {**dict.fromkeys(tasks, num_experts), _SHARED: num_shared_experts}
    read = dict.fromkeys(counts, features)
    for level in range(1, num_levels + 1):
        is_last = level == num_levels
        owners = list(tasks) if is_last else list(counts)
        read = _level(parts, read, counts, owners, f"level{level}")
    outputs = {
        task: parts.tower(read[task], task, size)
        for task, size in tasks.items()
    }
    return assemble(features, outputs, name)


def _level(
    parts: Experts,
    read: Mapping[str, Any],
    counts: Mapping[str, int],
    owners: Sequence[str],
    name: str,
) -> dict[str, Any]:
    """What each owner reads of a level: a task, or the shared features."""
    experts = {
        owner: [
            parts.expert(read[owner], f"{owner}_{name}_expert{index}")
            for index in range(1, count + 1)
        ]
        for owner, count in counts.items()
    }
    mixed = {}
    for owner in owners:
        is_shared = owner == _SHARED
        sources = counts if is_shared else (owner, _SHARED)
        found = [x for source in sources for x in experts[source]]
        prefix = f"{owner}_{name}"
        gate = softmax_gate(read[owner], len(found), f"{prefix}_gate")
        mixed[owner] = ExpertMixture(name=f"{prefix}_mixture")([gate, *found])
    return mixed
