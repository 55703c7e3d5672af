"""ResNet-18 for several tasks."""

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


def resnet18(
    tasks: Mapping[str, int],
    input_shape: Sequence[int] = (224, 224, 3),
    name: str = "resnet18",
) -> Any:
    """A residual network of 17 convolutions, then one dense layer per task.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Height, width and channels of an image. Height and width
            are divided by 32, rounded up.
        name: Name of the model.

    Returns:
        A Functional model from the input `image`, float, shape
        `(batch, *input_shape)`, to a dict, task to float32 logits of shape
        `(batch, units)`. The shared layers hold 11,174,720 parameters for
        images of 3 channels: the shortcuts that change the shape have no
        batch normalisation, as in the thesis (torchvision has 1,792 more).

    Raises:
        ValueError: If `tasks` is empty, or a number is out of its range.

    Reference:
        [He et al., 2016](https://arxiv.org/abs/1512.03385);
        [Pascal, 2021](https://hal.science/tel-03783509)
    """
    check_tasks(tasks)
    shape = check_input_shape(input_shape, num_axes=3)
    image = keras.Input(shape, name="image")
    x = norm_relu(conv(image, 64, 7, "stem", strides=2), "stem")
    # Zeros pad as minus infinity would, since ReLU leaves nothing below.
    x = layers.ZeroPadding2D(1, name="pool_pad")(x)
    x = layers.MaxPooling2D(3, 2, name="pool")(x)
    for stage, filters in enumerate((64, 128, 256, 512), 1):
        strides = 1 if stage == 1 else 2
        x = _block(x, filters, f"stage{stage}_1", strides)
        x = _block(x, filters, f"stage{stage}_2")
    x = layers.GlobalAveragePooling2D(name="average")(x)
    outputs = {
        task: output_layer(x, task, units) for task, units in tasks.items()
    }
    return assemble(image, outputs, name)


def _block(x: Any, filters: int, name: str, strides: int = 1) -> Any:
    """Two convolutions and a shortcut."""
    shortcut = x
    if strides > 1:
        shortcut = conv(x, filters, 1, f"{name}_shortcut", strides)
    x = norm_relu(conv(x, filters, 3, f"{name}_conv1", strides), f"{name}_1")
    x = conv(x, filters, 3, f"{name}_conv2")
    x = norm_relu(x, f"{name}_2", relu=False)
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.ReLU(name=f"{name}_relu")(x)
