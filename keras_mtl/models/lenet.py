"""LeNet for several tasks."""

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
    output_layer,
)


def lenet(
    tasks: Mapping[str, int],
    input_shape: Sequence[int] = (28, 28, 1),
    dropout: float = 0.5,
    name: str = "lenet",
) -> Any:
    """The network of MultiMNIST: two convolutions, then one head per task.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Height, width (16 or more) and channels of an image.
        dropout: Share of channels dropped after the second convolution, one
            mask for all tasks, and of units dropped in each head, in [0, 1).
        name: Name of the model.

    Returns:
        A Functional model from the input `image`, float, shape
        `(batch, *input_shape)`, to a dict, task to float32 logits of shape
        `(batch, units)`. The shared layers hold 21,330 parameters at
        `(28, 28, 1)` and 41,330 at `(36, 36, 1)`.

    Raises:
        ValueError: If `tasks` is empty, or a number is out of its range.

    Reference:
        [Sener & Koltun, 2018](https://arxiv.org/abs/1810.04650)
    """
    check_tasks(tasks)
    check_dropout(dropout)
    input_shape = check_input_shape(input_shape, num_axes=3, least=16)
    image = keras.Input(input_shape, name="image")
    x = layers.Conv2D(10, 5, name="conv1")(image)
    x = layers.MaxPooling2D(2, name="pool1")(x)
    x = layers.ReLU(name="relu1")(x)
    x = layers.Conv2D(20, 5, name="conv2")(x)
    x = layers.SpatialDropout2D(dropout, name="dropout2d")(x)
    x = layers.MaxPooling2D(2, name="pool2")(x)
    x = layers.ReLU(name="relu2")(x)
    x = layers.Flatten(name="flatten")(x)
    shared = layers.Dense(50, activation="relu", name="shared")(x)
    outputs = {}
    for task, units in tasks.items():
        x = layers.Dense(50, activation="relu", name=f"{task}_dense")(shared)
        x = layers.Dropout(dropout, name=f"{task}_dropout")(x)
        outputs[task] = output_layer(x, task, units)
    return assemble(image, outputs, name=name)
