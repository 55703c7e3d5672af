"""Mixture of experts of which each task selects a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtl.layers import DSelectKGate, ExpertMixture
from keras_mtl.models.experts import Experts, flat
from keras_mtl.models.heads import assemble, check_tasks, check_units


def dselect_k(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    num_experts: int = 8,
    k: int = 2,
    gamma: float = 1.0,
    entropy_weight: float = 1e-6,
    per_example: bool = True,
    units: Sequence[int] = (64,),
    widths: Sequence[int] = (),
    head_units: Sequence[int] = (),
    activation: str = "relu",
    dropout: float = 0.0,
    name: str = "dselect_k",
) -> Any:
    """Experts that tasks share, of which each task's gate selects `k`.

    The gates are differentiable and sparse in the end; their entropy is a
    loss of the model, next to those of the tasks.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Shape of one sample. More than one axis is flattened.
        num_experts: Number of experts, 2 or more.
        k: Largest number of experts that a task uses.
        gamma: Width of the smooth steps of the gates, above 0.
        entropy_weight: Strength of the entropy loss, 0 or more.
        per_example: Whether the choice depends on the sample.
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
        [Hazimeh et al., 2021](https://arxiv.org/abs/2106.03760)
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
    vector = flat(features, "gates")
    outputs = {}
    for index, task in enumerate(tasks):
        gate = DSelectKGate(
            num_experts,
            k,
            gamma,
            entropy_weight,
            per_example,
            seed=index,
            name=f"{task}_gate",
        )
        mix = ExpertMixture(name=f"{task}_mixture")
        mixed = mix([gate(vector), *experts])
        outputs[task] = parts.tower(mixed, task, tasks[task])
    return assemble(features, outputs, name)
