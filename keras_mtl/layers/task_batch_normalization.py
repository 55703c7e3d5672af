"""Batch normalisation whose averages are kept task by task."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.layers.affine import Affine, remember
from keras_mtl.layers.task_rows import (
    channels_of,
    check_num_tasks,
    check_task,
    pick,
    spread,
)
from keras_mtl.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class TaskBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation with moving averages of its own for each task.

    For use behind layers that give every task another distribution: one
    average for all would be that of none. `gamma` and `beta` are shared.

    In training, the features of a batch are normalised by the statistics of
    the task's samples in that batch: all samples for a single id, and with
    one id per sample those of the same id, so that T passes and one batch of
    T times the size give the same. Only tasks in the batch move their
    averages.

    Args:
        num_tasks: Number of tasks.
        axis: Axis of the channels.
        **kwargs: Arguments of `keras.layers.BatchNormalization` but `renorm`
            and `synchronized`, and of `keras.layers.Layer`.

    Call arguments:
        features: Float tensor, shape `(batch, ..., channels)`.
        task: Integer, or integer tensor of shape `()` or `(batch,)`.
        training: Whether to use the statistics of the batch.

    Raises:
        ValueError: If `num_tasks` is less than 1, or an option that has no
            meaning task by task is on.

    Reference:
        [Ioffe & Szegedy, 2015](https://arxiv.org/abs/1502.03167)
    """

    def __init__(self, num_tasks: int, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(axis=axis, **kwargs)
        self.num_tasks = check_num_tasks(num_tasks)
        if self.renorm or self.synchronized:
            raise ValueError(
                "TaskBatchNormalization has no `renorm` and no "
                f"`synchronized`. Received: renorm={self.renorm}, "
                f"synchronized={self.synchronized}. Leave them out."
            )

    def build(
        self, features_shape: Shape, task_shape: Shape | None = None
    ) -> None:
        """Makes the weights: `(channels,)`, and `(num_tasks, channels)`."""
        channels = channels_of(features_shape, self.axis, self)
        if self.scale:
            self.gamma = self._weight("gamma", (channels,))
        if self.center:
            self.beta = self._weight("beta", (channels,))
        shape = (self.num_tasks, channels)
        self.moving_mean = self._weight("moving_mean", shape, False)
        self.moving_variance = self._weight("moving_variance", shape, False)

    def _weight(
        self, name: str, shape: tuple[int, ...], trainable: bool = True
    ) -> keras.Variable:
        return self.add_weight(
            shape,
            getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer", None),
            constraint=getattr(self, f"{name}_constraint", None),
            trainable=trainable,
            autocast=False,
            name=name,
        )

    def call(
        self,
        features: Tensor,
        task: int | Tensor,
        training: bool | None = None,
    ) -> Tensor:
        """Normalises the features of a task, or of several."""
        task = check_task(task, self.num_tasks)
        dtype = keras.backend.result_type(features.dtype, "float32")
        x = ops.cast(features, dtype)
        if training and self.trainable:
            mean, variance = self._batch_statistics(x, task)
        else:
            mean = pick(ops.cast(self.moving_mean, dtype), task)
            variance = pick(ops.cast(self.moving_variance, dtype), task)
        affine = self._affine(x, mean, variance)
        result = ops.cast(affine.value(), self.compute_dtype)
        remember(result, affine)
        return result

    def _affine(self, x: Tensor, mean: Tensor, variance: Tensor) -> Affine:
        factor = ops.rsqrt(variance + self.epsilon)
        if self.scale:
            factor = factor * ops.cast(self.gamma, x.dtype)
        offset = -mean * factor
        if self.center:
            offset = offset + ops.cast(self.beta, x.dtype)
        return Affine(x, factor, offset, self.axis)

    def _batch_statistics(
        self, x: Tensor, task: int | Tensor
    ) -> tuple[Tensor, Tensor]:
        """Statistics by which to normalise; moves the averages."""
        if isinstance(task, int) or not len(task.shape):
            mean, variance = ops.moments(x, self._axes(x))
            present = ops.one_hot(task, self.num_tasks, dtype=x.dtype)
            self._move(ops.expand_dims(present, -1), mean, variance)
            return mean, variance
        return self._statistics_by_task(x, task)

    def _statistics_by_task(
        self, x: Tensor, task: Tensor
    ) -> tuple[Tensor, Tensor]:
        members = ops.one_hot(task, self.num_tasks, dtype=x.dtype)
        counts = ops.expand_dims(ops.sum(members, 0), -1)
        members = ops.transpose(members / ops.maximum(ops.sum(members, 0), 1))
        inner = [axis for axis in self._axes(x) if axis != 0]

        def by_task(values: Tensor) -> Tensor:
            # All samples are of one size: means of means are means.
            samples = ops.mean(values, inner) if inner else values
            return ops.matmul(members, samples)

        means = by_task(x)
        mean = pick(means, task)
        deviation = ops.square(x - spread(mean, x, self.axis))
        variances = by_task(deviation)
        present = ops.cast(counts > 0, x.dtype)
        self._move(present, means, variances)
        return mean, pick(variances, task)

    def _move(self, present: Tensor, mean: Tensor, variance: Tensor) -> None:
        for average, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            step = (1.0 - self.momentum) * present
            old = ops.cast(average, value.dtype)
            average.assign(old * (1.0 - step) + value * step)

    def _axes(self, x: Tensor) -> list[int]:
        rank = len(x.shape)
        return [a for a in range(rank) if a != self.axis % rank]

    def compute_output_shape(
        self, features_shape: Shape, task_shape: Shape | None = None
    ) -> Shape:
        """The shape of the features."""
        return features_shape

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        config = super().get_config()
        for name in ("renorm", "renorm_clipping", "renorm_momentum"):
            config.pop(name, None)
        config.pop("synchronized", None)
        return {**config, "num_tasks": self.num_tasks}
