"""Times the steps of many tasks on one network, each with its optimizer.

    python benchmarks/many_tasks.py --tasks 40
    python benchmarks/many_tasks.py --tasks 40 --groups 4

`Independent` on a `convnet9` (Adam; images of 64x64) against a single-task
step of the same network, which takes turns with it: the first step with
tracing and compilation, later steps as a multiple of single-task steps (by CPU
time, which other programs disturb less), and the peak of resident memory.
`--unrolled` traces every task by itself, to compare with.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

import keras_mtl
from keras_mtl.trainers import Independent, alike


def main() -> None:
    arguments = parse()
    if arguments.unrolled:
        alike.MANY = arguments.tasks + 1
    names = [f"task_{index:02}" for index in range(arguments.tasks)]
    num_steps = arguments.groups or arguments.tasks
    show(f"{len(names)} tasks, {num_steps} steps, batch {arguments.batch}")
    many, *took = timed(lambda: stepper(names, arguments))
    show("building and compiling", *took)
    show("first step, traced", *timed(many)[1:])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    show(f"peak memory so far: {memory:.2f} GiB")
    single = stepper(names[:1], arguments)
    single()
    ratios = []
    for _ in range(arguments.rounds):
        before = [timed(single)[2] for _ in range(2)]
        _, *took = timed(many)
        after = [timed(single)[2] for _ in range(2)]
        show("a later step", *took)
        one = statistics.median(before + after)
        ratios.append(took[1] / (num_steps * one))
    ratio = statistics.median(ratios)
    show(f"CPU time: {ratio:.3f} x {num_steps} single-task steps")


def show(what: str, wall: float | None = None, cpu: float = 0.0) -> None:
    times = "" if wall is None else f": {wall:.2f} s, CPU time {cpu:.2f} s"
    print(f"{what}{times}", flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=40)
    parser.add_argument("--groups", type=int, help="one per task by default")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--size", type=int, default=64, help="of the images")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--unrolled", action="store_true")
    return parser.parse_args()


def stepper(
    tasks: list[str], arguments: argparse.Namespace
) -> Callable[[], None]:
    """One training step on a batch of noise, waited for."""
    keras.utils.set_random_seed(0)
    shape = (arguments.size, arguments.size, 3)
    model = keras_mtl.models.convnet9(dict.fromkeys(tasks, 1), shape)
    groups = arguments.groups if len(tasks) > 1 else None
    trainer = Independent(model, groups=groups)
    trainer.compile(
        keras.optimizers.Adam(1e-4),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    trainer.make_train_function()
    random = np.random.default_rng(0)
    size = arguments.batch
    images = random.normal(size=(size, *shape)).astype("float32")
    labels = {task: random.integers(0, 2, (size, 1)) for task in tasks}
    data = iter(tf.data.Dataset.from_tensors((images, labels)).repeat())

    def step() -> None:
        for value in tf.nest.flatten(trainer.train_function(data)):
            value.numpy()

    return step


def timed(function: Callable[[], Any]) -> tuple[Any, float, float]:
    """Result, seconds, and seconds of all cores together."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = function()
    return result, time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
