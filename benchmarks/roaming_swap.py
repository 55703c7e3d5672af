"""Time of a swap in every layer of a ResNet-18 with 8 tasks, and its cost.

Prints the milliseconds of one swap of all layers (the aim is under 20), by
the clock and of this process, and the time of a step with masks over that of
the same passes without them, the median over steps in turns (the aim is at
most 1.05).

    python benchmarks/roaming_swap.py [--size 32] [--steps 20]
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import keras
import numpy as np

import keras_mtl
from keras_mtl.callbacks import Roaming
from keras_mtl.graph import partition

TASKS = {f"task_{index}": 10 for index in range(8)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    model = keras_mtl.models.resnet18(TASKS, (options.size, options.size, 3))
    masked = trainer_of(partition(model))
    plain = trainer_of(partition(model, {"stem": 1.0}))
    wall, process = swap_time(masked)
    print(f"{'swap of all layers':28s} {wall:8.1f} ms")
    print(f"{'swap, time of the process':28s} {process:8.1f} ms")
    batch = random_batch(options.batch_size, options.size)
    times: dict[str, list[float]] = {"masks": [], "no masks": []}
    for trainer in (masked, plain):
        trainer.train_on_batch(*batch)
    for _ in range(options.steps):
        # In turns, so that a busy machine slows both down alike.
        for name, trainer in (("masks", masked), ("no masks", plain)):
            times[name].append(
                timed(lambda t=trainer: t.train_on_batch(*batch))
            )
    for name, found in times.items():
        median = statistics.median(found)
        print(f"{'step, ' + name:28s} {median:8.1f} ms")
    pairs = zip(times["masks"], times["no masks"], strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{'cost of the masks':28s} {ratio:8.3f}")


def trainer_of(model: keras.Model) -> Any:
    trainer = keras_mtl.trainers.Shared(model)
    trainer.compile(
        "adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    return trainer


def random_batch(size: int, pixels: int) -> tuple[Any, dict[str, Any]]:
    random = np.random.default_rng(0)
    images = random.normal(size=(size, pixels, pixels, 3)).astype("float32")
    return images, {t: random.integers(0, 10, size) for t in TASKS}


def swap_time(trainer: Any, swaps: int = 10) -> tuple[float, float]:
    """Median milliseconds of a swap in all layers, by clock and process."""
    callback = Roaming(every={"steps": 1})
    callback.set_model(trainer)
    callback.set_params({"steps": 1000, "epochs": 1})
    callback.on_epoch_begin(0)
    callback.advance(1)
    begun = time.process_time()
    wall = [
        timed(lambda step=step: callback.advance(step))
        for step in range(2, swaps + 2)
    ]
    process = 1e3 * (time.process_time() - begun) / swaps
    return statistics.median(wall), process


def timed(run: Any) -> float:
    begun = time.perf_counter()
    run()
    return 1e3 * (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
