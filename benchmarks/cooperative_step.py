"""Times a cooperative step against the passes that it cannot do without.

    python benchmarks/cooperative_step.py --network lenet --samples 1
    python benchmarks/cooperative_step.py --network unet --tasks 3 --rounds 5

A step of T tasks with K draws of noise needs, for every task, K noisy forward
and backward passes and one clean forward pass: T (K F + K B + F). F and B are
measured on the same network, in turns with the step; the promise is a step of
1.15 times that at most.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from keras_mtl import models, trainers

PROMISE = 1.15
NETWORKS: dict[str, dict[str, Any]] = {
    "lenet": {"input_shape": (28, 28, 1), "widths": (12, 24, 48)},
    "unet": {
        "input_shape": (64, 64, 3),
        "widths": (12, 24, 48),
        "network": "unet",
        "batch_normalization": True,
    },
}


def main() -> None:
    arguments = parse()
    keras.utils.set_random_seed(0)
    tasks = [f"task{index}" for index in range(arguments.tasks)]
    model = models.cooperative(
        dict.fromkeys(tasks, 4), **NETWORKS[arguments.network]
    )
    trainer = trainers.Cooperative(
        model, bound=0.01, num_samples=arguments.samples
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    trainer.compile(
        keras.optimizers.Adam(1e-4), loss=dict.fromkeys(tasks, loss)
    )
    batch = make_batch(model, arguments.batch_size)
    calls = {
        "step": step(trainer, batch),
        "forward": passes(trainer, batch, loss, backward=False),
        "both": passes(trainer, batch, loss, backward=True),
    }
    seconds = measure(calls, arguments.rounds)
    show(arguments, seconds)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=NETWORKS, default="lenet")
    parser.add_argument("--tasks", type=int, choices=(2, 3, 4), default=2)
    parser.add_argument("--samples", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=20)
    return parser.parse_args()


def make_batch(model: keras.Model, size: int) -> tuple[Any, dict[str, Any]]:
    random = np.random.default_rng(0)
    x = random.normal(size=(size, *model.input_shape[1:])).astype("float32")
    labels = {
        task: random.integers(0, 4, size=(size, *output.shape[1:-1]))
        for task, output in model.output.items()
    }
    return tf.constant(x), {t: tf.constant(y) for t, y in labels.items()}


def step(trainer: keras.Model, batch: Any) -> Callable[[], Any]:
    """One call of the compiled training function."""
    trainer.make_train_function()
    data = iter(tf.data.Dataset.from_tensors(batch).repeat())
    return lambda: trainer.train_function(data)


def passes(
    trainer: Any, batch: Any, loss: Any, backward: bool
) -> Callable[[], Any]:
    """A forward pass of every task in turn, and its backward if wanted."""
    functions = [
        one_pass(trainer, task, batch, loss, backward) for task in trainer.tasks
    ]
    return lambda: [float(function()) for function in functions]


def one_pass(
    trainer: Any, task: str, batch: Any, loss: Any, backward: bool
) -> Callable[[], Any]:
    """The passes of one task, as one compiled function."""
    x, y = batch
    variables = [v.value for v in trainer.encoders.of(task)]
    forward = trainer.split.forward((task,))

    def run() -> Any:
        with tf.GradientTape() as tape:
            value = loss(y[task], forward(x, training=True)[task])
        results = [value]
        if backward:
            results += tape.gradient(value, variables)
        return tf.add_n([tf.reduce_sum(result) for result in results])

    return tf.function(run)


def measure(
    calls: dict[str, Callable[[], Any]], rounds: int
) -> dict[str, list[float]]:
    """Seconds of each call, taken in turns so that load strikes all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for index in range(rounds + 2):
        print(f"round {index - 1} of {rounds}", file=sys.stderr, flush=True)
        for name, call in calls.items():
            start = time.perf_counter()
            for value in tf.nest.flatten(call()):
                float(value)
            # Two rounds of warming up: tracing, then memory.
            if index >= 2:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def show(
    arguments: argparse.Namespace, seconds: dict[str, list[float]]
) -> None:
    """Medians; the ratio is the median of the ratios within a round."""
    samples = arguments.samples
    floors = [
        samples * both + forward
        for both, forward in zip(
            seconds["both"], seconds["forward"], strict=True
        )
    ]
    pairs = zip(seconds["step"], floors, strict=True)
    ratio = statistics.median(whole / floor for whole, floor in pairs)
    print(
        f"{arguments.network}: {arguments.tasks} tasks, {samples} draws, "
        f"batch {arguments.batch_size}, {arguments.rounds} rounds, keras "
        f"{keras.__version__}, tensorflow {tf.__version__}"
    )
    for name, values in {**seconds, "floor": floors}.items():
        print(f"{name:10} {1e3 * statistics.median(values):8.1f} ms")
    print(f"step / floor {ratio:.2f}, promised: {PROMISE} at most")


if __name__ == "__main__":
    main()
