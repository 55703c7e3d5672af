"""Time of writing a checkpoint over that of an epoch of multi_mnist.

Prints the milliseconds of a checkpoint that is the last and the best one, the
medians of as many of each in turns with training steps, and their ratio to an
epoch of so many steps (the aim is at most 0.02). Validation, which an epoch
contains too, is left out. Set KERAS_MTL_DATA to the folder of MNIST/.

    python benchmarks/checkpoint_cost.py [--config multi_mnist] [--rounds 20]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time

from keras_mtl.config import build, load
from keras_mtl.runs import Checkpoint, Checkpoints


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--config", default="multi_mnist")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=5, help="in a round")
    options = parser.parse_args()
    made = build(load(options.config))
    stream = iter(made.data.train_stream())
    made.trainer.train_on_batch(*next(stream))
    batches, writes = [], []
    with tempfile.TemporaryDirectory() as folder:
        checkpoints = Checkpoints(folder)
        for number in range(options.rounds):
            began = time.monotonic()
            for _ in range(options.steps):
                made.trainer.train_on_batch(*next(stream))
            trained = time.monotonic()
            checkpoints.save(made.trainer, Checkpoint(number), best=True)
            batches.append((trained - began) / options.steps)
            writes.append(time.monotonic() - trained)
    epoch = statistics.median(batches) * made.data.train.num_batches
    write = statistics.median(writes)
    print(f"{'epoch of ' + options.config:28s} {1000 * epoch:10.0f} ms")
    print(f"{'checkpoint, last and best':28s} {1000 * write:10.1f} ms")
    print(f"{'cost':28s} {write / epoch:10.4f}")


if __name__ == "__main__":
    main()
