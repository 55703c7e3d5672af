# %% [markdown]
"""Encoders that train in flat minima of each other: MT-COOL.

Every task has an encoder of its own and reads the features of all. Each step
trains one encoder against noise on the others, and may not leave a region of
the same size (https://arxiv.org/abs/2309.12090).

    python examples/cooperative.py          # seconds, bundled digits
    python examples/cooperative.py --full   # 20 epochs

With `--full` and `KERAS_MTL_DATA` pointing to a folder with MNIST/, even digits
are one task and odd ones the other, so that every label is partial.
"""

# %%
from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import keras

import keras_mtl
from keras_mtl.trainers import Cooperative, Shared

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--full", action="store_true", help="train properly")
# Notebooks have arguments of their own.
arguments, _ = parser.parse_known_args()
FULL = arguments.full

# %%
files = Path(os.environ.get("KERAS_MTL_DATA", "")) / "MNIST"
if FULL and files.is_dir():
    data = keras_mtl.datasets.load(
        "mnist_tasks", batch_size=128, dir=str(files), split="even_odd"
    )
else:
    size = {} if FULL else {"train_size": 256}
    data = keras_mtl.datasets.load("multi_digits", batch_size=64, **size)
EPOCHS = 20 if FULL else 2
BOUND = 0.01  # in units of the weights
tasks = {name: task.num_outputs for name, task in data.tasks.items()}
print(f"{data.name}: tasks {sorted(tasks)}, images {data.input_shape}")

# %% [markdown]
# The cooperative network and the shared one have the same number of weights:
# the filters of each level are dealt out to the tasks.


# %%
def network(design: str) -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras_mtl.models.cooperative(
        tasks, data.input_shape, widths=(10, 20, 50), design=design
    )


print(network("cooperative").count_params(), network("joint").count_params())

# %% [markdown]
# "Vanilla" is the same training without noise and region. A step of Adam moves
# a weight by about the learning rate, far less than the region is wide: only
# with an anchor that stays for a while does the region act.

# %%
METHODS = {
    "shared": lambda: Shared(network("joint")),
    "vanilla": lambda: Cooperative(
        network("cooperative"), bound=BOUND, noise=False, region="none"
    ),
    "MT-COOL": lambda: Cooperative(
        network("cooperative"), bound=BOUND, anchor_every=100 if FULL else 4
    ),
}


def train(name: str) -> tuple[dict[str, float], Any]:
    trainer = METHODS[name]()
    trainer.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss={n: task.default_loss() for n, task in data.tasks.items()},
        metrics={n: task.default_metrics() for n, task in data.tasks.items()},
    )
    trainer.fit(
        data.train_stream(),
        steps_per_epoch=data.train.num_batches,
        epochs=EPOCHS,
        verbose=2 if FULL else 0,
    )
    scores = trainer.evaluate(data.test.dataset(), return_dict=True, verbose=0)
    return scores, trainer


results = {name: train(name) for name in METHODS}
names = [f"{name}_accuracy" for name in sorted(tasks)]
print(f"{'':10}" + "".join(f"{name:>16}" for name in names))
for method, (scores, _) in results.items():
    print(f"{method:10}" + "".join(f"{scores[name]:16.3f}" for name in names))

# %% [markdown]
# What the paper promises is flatness: how much the loss of a task rises when
# noise is put on the encoders of the others.

# %%
BOUNDS = (0.0, BOUND, 3 * BOUND, 10 * BOUND)
batches = list(data.test.dataset().take(None if FULL else 1))
for method in ("vanilla", "MT-COOL"):
    _, trainer = results[method]
    curves = trainer.flatness(batches, BOUNDS, num_samples=5 if FULL else 1)
    for task, curve in curves.items():
        losses = "".join(f"{bound:8g}: {curve[bound]:.3f}" for bound in BOUNDS)
        print(f"{method:10}{task:8}{losses}")

# %% [markdown]
# The share of coordinates that the region put back since the last reading.

# %%
_, trainer = results["MT-COOL"]
for tag, value in trainer.telemetry.result().items():
    print(f"{tag:36}{value:10.4f}")
