"""Nine layers for many tasks on small images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers

from keras_mtl.models.blocks import conv, norm_relu
from keras_mtl.models.heads import (
    assemble,
    check_input_shape,
    check_tasks,
    output_layer,
)

_STAGES = ((64,), (128, 128), (256, 256), (512, 512))


def convnet9(
    tasks: Mapping[str, int],
    input_shape: Sequence[int] = (64, 64, 3),
    name: str = "convnet9",
) -> Any:
    """Seven convolutions and two dense layers, then one layer per task.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Height, width (8 or more) and channels of an image.
        name: Name of the model.

    Returns:
        A Functional model from the input `image`, float, shape
        `(batch, *input_shape)`, to a dict, task to float32 logits of shape
        `(batch, units)`. The shared layers hold 5,177,664 parameters for
        images of 3 channels.

    Raises:
        ValueError: If `tasks` is empty, or a number is out of its range.

    Reference:
        [Pascal, 2021](https://hal.science/tel-03783509), chapter 3
    """
    check_tasks(tasks)
    shape = check_input_shape(input_shape, num_axes=3, least=8)
    x = image = keras.Input(shape, name="image")
    for stage, widths in enumerate(_STAGES, 1):
        if stage > 1:
            x = layers.MaxPooling2D(2, name=f"pool{stage - 1}")(x)
        for index, filters in enumerate(widths, 1):
            x = conv(x, filters, 3, f"conv{stage}_{index}")
            x = norm_relu(x, f"conv{stage}_{index}")
    x = layers.GlobalAveragePooling2D(name="average")(x)
    for index in (1, 2):
        x = layers.Dense(512, name=f"dense{index}")(x)
        x = norm_relu(x, f"dense{index}")
    outputs = {
        task: output_layer(x, task, units) for task, units in tasks.items()
    }
    return assemble(image, outputs, name)
