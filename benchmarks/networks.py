"""The two networks that are timed, with a fixed batch each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers

import keras_mtl


@dataclass(frozen=True)
class Setting:
    """A network, and the size of its problem."""

    num_tasks: int
    batch_size: int
    input_shape: tuple[int, int, int]
    num_classes: int = 10

    @property
    def tasks(self) -> dict[str, int]:
        """Number of outputs of each task."""
        return {f"task_{i}": self.num_classes for i in range(self.num_tasks)}

    def batch(self) -> tuple[Any, dict[str, Any]]:
        """Noise and random labels: no timing depends on the values."""
        random = np.random.default_rng(0)
        size = (self.batch_size, *self.input_shape)
        labels = {
            task: random.integers(0, self.num_classes, self.batch_size)
            for task in self.tasks
        }
        return random.normal(size=size).astype("float32"), labels


SETTINGS = {
    "lenet": Setting(2, 256, (28, 28, 1)),
    "resnet18": Setting(8, 32, (64, 64, 3)),
}


def build(network: str) -> keras.Model:
    setting = SETTINGS[network]
    if network == "lenet":
        # Without dropout: random numbers would be part of what is timed.
        return keras_mtl.models.lenet(
            setting.tasks, setting.input_shape, dropout=0.0
        )
    return resnet18(setting.tasks, setting.input_shape)


def resnet18(
    tasks: Mapping[str, int], input_shape: tuple[int, int, int]
) -> keras.Model:
    """ResNet-18 with one dense head per task; 11.2 M shared weights."""
    image = keras.Input(input_shape, name="image")
    x = convolution(image, 64, kernel=7, strides=2)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for stage, filters in enumerate((64, 128, 256, 512)):
        x = block(x, filters, strides=1 if stage == 0 else 2)
        x = block(x, filters, strides=1)
    x = layers.GlobalAveragePooling2D()(x)
    heads = {t: layers.Dense(n, name=t)(x) for t, n in tasks.items()}
    return keras.Model(image, heads, name="resnet18")


def convolution(x: Any, filters: int, kernel: int, strides: int) -> Any:
    x = layers.Conv2D(filters, kernel, strides, padding="same", use_bias=False)(
        x
    )
    return layers.BatchNormalization(epsilon=1e-5)(x)


def block(x: Any, filters: int, strides: int) -> Any:
    """Basic residual block."""
    shortcut = x
    if strides != 1 or x.shape[-1] != filters:
        shortcut = convolution(x, filters, 1, strides)
    x = layers.ReLU()(convolution(x, filters, 3, strides))
    x = convolution(x, filters, 3, 1)
    return layers.ReLU()(layers.add([x, shortcut]))
