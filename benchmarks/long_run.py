"""Trains for many steps, and says what grew.

    python benchmarks/long_run.py --steps 2000

Every scheme on a small network: growth of resident memory from the first
quarter of the steps to the end, traces after the first step, and open files
(or sockets) beyond those of the first quarter. All three should be about 0.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

import keras_mtl
from keras_mtl.aggregators import PCGrad
from keras_mtl.trainers import Alternating, Independent, Shared

TASKS = {"a": 2, "b": 2, "c": 2, "d": 2}
SCHEMES: dict[str, Callable[[keras.Model], keras.Model]] = {
    "shared pcgrad": lambda model: Shared(model, PCGrad(seed=0)),
    "alternating, shuffled": lambda m: Alternating(m, order="shuffled"),
    "independent": Independent,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000)
    steps = parser.parse_args().steps
    for name, scheme in SCHEMES.items():
        memory, traces, files = growth(scheme, steps)
        print(
            f"{name}: memory {memory:+.2%}, traces {traces:+d}, "
            f"open files {files:+d} in {steps} steps",
            flush=True,
        )


def growth(
    scheme: Callable[[keras.Model], keras.Model], steps: int
) -> tuple[float, int, int]:
    """What grew after the first quarter: memory (share), traces, files."""
    model = keras_mtl.models.mlp(TASKS, input_shape=(8,))
    trainer = scheme(model)
    trainer.compile(keras.optimizers.Adam(1e-3), "mse", metrics=["mae"])
    random = np.random.default_rng(0)
    x = random.normal(size=(32, 8)).astype("float32")
    y = {t: np.zeros((32, n), "float32") for t, n in TASKS.items()}
    traces = [0]
    step = trainer.train_step

    def counted(data: object) -> object:
        traces[0] += 1
        return step(data)

    trainer.train_step = counted
    data = tf.data.Dataset.from_tensors((x, y)).repeat()
    trainer.fit(data, steps_per_epoch=steps // 4, verbose=0)
    before = resident(), traces[0], open_files()
    trainer.fit(data, steps_per_epoch=steps // 4, epochs=3, verbose=0)
    after = resident(), traces[0], open_files()
    memory = after[0] / before[0] - 1.0
    return memory, after[1] - before[1], after[2] - before[2]


def resident() -> int:
    """Resident memory of this process in pages."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


if __name__ == "__main__":
    main()
