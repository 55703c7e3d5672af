"""What a forward pass and a step cost."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from keras_mtl.cli.startup import silenced

_MOST_STEPS = 20
_LONG_ENOUGH = 5.0  # seconds


@dataclass(frozen=True)
class StepTimes:
    """Seconds, wall clock.

    Args:
        first: The first training step, with tracing and compilation.
        train: A training step after that.
        test: An evaluation step after its first.
    """

    first: float
    train: float
    test: float


def step_times(experiment: Any) -> StepTimes:
    """Runs training and evaluation steps on one batch.

    The weights of the trainer change.

    Args:
        experiment: What `keras_mtl.config.build` returned.

    Returns:
        The times.
    """
    trainer, data = experiment.trainer, experiment.data
    batches = data.train.dataset().take(1).cache().repeat()
    count = experiment.config.fit.steps_per_execution
    trainer.make_train_function()
    iterator = iter(batches)
    first = _seconds(lambda: trainer.train_function(iterator))
    train = _seconds(lambda: trainer.train_function(iterator))
    trainer.make_test_function()
    _seconds(lambda: trainer.test_function(iterator))
    test = _seconds(lambda: trainer.test_function(iterator))
    return StepTimes(first, train / count, test / count)


def waiting_share(experiment: Any) -> float:
    """Trains on real batches, and measures how long a step waits for them.

    As in `fit`, what comes next is read while a step runs. The weights of the
    trainer change.

    Args:
        experiment: What `keras_mtl.config.build` returned. Its steps have
            been traced, see `step_times`.

    Returns:
        Time of waiting over that of waiting and steps, in [0, 1].
    """
    import tensorflow as tf

    trainer = experiment.trainer
    count = experiment.config.fit.steps_per_execution
    batches = iter(experiment.data.train.stream())

    def draw() -> Any:
        return [next(batches) for _ in range(count)][-1]

    def train(batch: Any) -> Any:
        alone = tf.data.Dataset.from_tensors(batch).repeat(count)
        return trainer.train_function(iter(alone))

    draw()  # starts the pipeline, and fills a cache in memory
    waited = trained = 0.0
    for _ in range(_MOST_STEPS):
        start = time.perf_counter()
        batch = draw()
        waited += time.perf_counter() - start
        trained += _seconds(functools.partial(train, batch))
        if waited + trained > _LONG_ENOUGH:
            break
    return waited / (waited + trained)


def forward_operations(model: Any) -> int:
    """Floating-point operations of a forward pass for one sample.

    Args:
        model: A built Keras model.

    Returns:
        What TensorFlow's profiler counts: convolutions, matrix products,
        pooling and biases. A multiply-add is two operations.
    """
    import tensorflow as tf

    specs = tf.nest.map_structure(
        lambda tensor: tf.TensorSpec((1, *tensor.shape[1:]), tensor.dtype),
        model.input,
    )
    forward = tf.function(lambda inputs: model(inputs, training=False))
    profiler = tf.compat.v1.profiler
    wanted = profiler.ProfileOptionBuilder.float_operation()
    wanted["output"] = "none"
    with silenced():
        graph = forward.get_concrete_function(specs).graph
        counted = profiler.profile(graph, options=wanted)
    return int(counted.total_float_ops)


def _seconds(step: Callable[[], Any]) -> float:
    import tensorflow as tf

    start = time.perf_counter()
    tf.nest.map_structure(lambda value: value.numpy(), step())
    return time.perf_counter() - start
