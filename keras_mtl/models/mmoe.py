"""Multi-gate mixture of experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtl.layers import ExpertMixture
from keras_mtl.models.experts import Experts, softmax_gate
from keras_mtl.models.heads import assemble, check_tasks, check_units


def mmoe(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    num_experts: int = 8,
    units: Sequence[int] = (64,),
    widths: Sequence[int] = (),
    head_units: Sequence[int] = (),
    activation: str = "relu",
    dropout: float = 0.0,
    name: str = "mmoe",
) -> Any:
    """Experts that all tasks share, weighed by a gate of each task.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Shape of one sample. More than one axis is flattened.
        num_experts: Number of experts.
        units: Units of each dense layer of an expert, one or more.
        widths: Filters of the convolutions of an expert, each 3x3 and
            followed by a max-pooling; for images, empty for tables.
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
        [Ma et al., 2018](https://doi.org/10.1145/3219819.3220007)
    """
    check_tasks(tasks)
    check_units("num_experts", [num_experts])
    parts = Experts(units, widths, head_units, activation, dropout)
    shape = parts.checked_shape(input_shape)
    features = keras.Input(shape, name="features")
    experts = [
        parts.expert(features, f"expert{index}")
        for index in range(1, num_experts + 1)
    ]
    outputs = {}
    for task, size in tasks.items():
        gate = softmax_gate(features, num_experts, f"{task}_gate")
        mix = ExpertMixture(name=f"{task}_mixture")
        outputs[task] = parts.tower(mix([gate, *experts]), task, size)
    return assemble(features, outputs, name)
