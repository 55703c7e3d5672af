"""The loss of a task under noise on some variables, without training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_mtl.backend.perturbation import noise_key, perturbed
from keras_mtl.backend.phase import Batch
from keras_mtl.losses import TaskLoss
from keras_mtl.losses.task_loss import LossValue
from keras_mtl.typing import Tensor


def noisy_loss(
    forward: keras.Model,
    task: str,
    loss: TaskLoss,
    variables: Sequence[keras.Variable],
    read: Callable[[Any], Batch],
    seed: int,
) -> Callable[[Any, Tensor, Tensor], LossValue]:
    """A compiled function for the loss under noise.

    Args:
        forward: Model whose outputs hold the task.
        task: Name of the task.
        loss: Its loss.
        variables: What gets the noise.
        read: Makes a batch of an element of the data.
        seed: Seed of the noise.

    Returns:
        Function of an element of the data, the bound of the noise (float
        scalar) and the number of the draw (integer scalar). The same draw is
        the same noise, up to the bound, on every batch.
    """

    def compute(data: Any, bound: Tensor, draw: Tensor) -> LossValue:
        batch = read(data)
        noise = perturbed(variables, bound, noise_key(seed, draw, 0))
        with keras.StatelessScope(noise):
            outputs = forward(batch.inputs_for((task,)), training=False)
        return batch.loss(task, loss, outputs[task])

    return tf.function(compute, reduce_retracing=True)  # type: ignore[no-any-return]
