"""Dense layers for several tasks on tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers

from keras_mtl.models.heads import (
    assemble,
    check_dropout,
    check_input_shape,
    check_tasks,
    check_units,
    output_layer,
)


def mlp(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    units: Sequence[int] = (64, 64),
    head_units: Sequence[int] = (),
    activation: str = "relu",
    dropout: float = 0.0,
    name: str = "mlp",
) -> Any:
    """Dense layers shared by all tasks, then dense layers per task.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Shape of one sample. More than one axis is flattened.
        units: Units of each shared layer, one or more.
        head_units: Units of each hidden layer of a head, may be empty.
        activation: Name of the Keras activation of every hidden layer.
        dropout: Share of units dropped after every hidden layer, in [0, 1).
        name: Name of the model.

    Returns:
        A Functional model from the input `features`, float, shape
        `(batch, *input_shape)`, to a dict, task to float32 tensor of shape
        `(batch, units)`: logits, or values of a regression.

    Raises:
        ValueError: If `tasks` or `units` is empty, or a number is out of its
            range.
    """
    check_tasks(tasks)
    check_dropout(dropout)
    check_units("units", units, least=1)
    check_units("head_units", head_units)
    input_shape = check_input_shape(input_shape)

    def hidden(x: Any, number: int, prefix: str) -> Any:
        x = layers.Dense(int(number), activation=activation, name=prefix)(x)
        if dropout:
            x = layers.Dropout(dropout, name=f"{prefix}_dropout")(x)
        return x

    features = keras.Input(input_shape, name="features")
    shared = features
    if len(input_shape) > 1:
        shared = layers.Flatten(name="flatten")(shared)
    for index, number in enumerate(units, 1):
        shared = hidden(shared, number, f"shared{index}")
    outputs = {}
    for task, size in tasks.items():
        x = shared
        for index, number in enumerate(head_units, 1):
            x = hidden(x, number, f"{task}_dense{index}")
        outputs[task] = output_layer(x, task, size)
    return assemble(features, outputs, name=name)
