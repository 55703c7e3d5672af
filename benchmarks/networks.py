"""The two networks that are timed, with a fixed batch each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

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
    return keras_mtl.models.resnet18(setting.tasks, setting.input_shape)
