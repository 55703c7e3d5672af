# %% [markdown]
"""Who uses which filter: Task Routing and Maximum Roaming.

Chapter 3 of the thesis (Pascal et al., 2021, https://arxiv.org/abs/2006.09762)
gives every task a part of the filters of each shared convolution. Task Routing
draws the parts once. Maximum Roaming lets them move, one filter at a time,
until every filter has worked for every task.

    python examples/chapter3_partitioning.py          # seconds, bundled digits
    python examples/chapter3_partitioning.py --full   # 20 epochs

With `--full` and `KERAS_MTL_DATA` pointing to a folder with FashionMNIST/, two
garments on one canvas take the place of two digits.
"""

# %%
from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import keras

import keras_mtl

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--full", action="store_true", help="train properly")
# Notebooks have arguments of their own.
arguments, _ = parser.parse_known_args()
FULL = arguments.full

# %% [markdown]
# Two pictures overlap on one image, and each task reads one of them.

# %%
files = Path(os.environ.get("KERAS_MTL_DATA", "")) / "FashionMNIST"
if FULL and files.is_dir():
    data = keras_mtl.datasets.load(
        "multi_fashion", batch_size=256, dir=str(files)
    )
elif FULL:
    data = keras_mtl.datasets.load("multi_digits", batch_size=64)
else:
    data = keras_mtl.datasets.load(
        "multi_digits", batch_size=64, train_size=256
    )
EPOCHS = 20 if FULL else 2
tasks = {name: task.num_outputs for name, task in data.tasks.items()}
print(f"{data.name}: tasks {sorted(tasks)}, images {data.input_shape}")


# %% [markdown]
# One network for all. `partition` returns a network with the same inputs and
# outputs, whose tasks use 80 % of the filters each; `p=1` would be plain
# sharing.


# %%
def network(kind: str) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras_mtl.models.lenet(tasks, data.input_shape, dropout=0.0)
    if kind == "all filters":
        return model
    return keras_mtl.partition(model, kind=kind, p=0.8, seed=0)


print(keras_mtl.graph.describe_partition(network("roaming")))


# %% [markdown]
# The masks of Maximum Roaming move while the network trains. Here they swap a
# filter every tenth of an epoch, as on CelebA.


# %%
def train(kind: str) -> tuple[dict[str, float], dict[str, Any]]:
    trainer = keras_mtl.trainers.Shared(network(kind))
    trainer.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss={n: task.default_loss() for n, task in data.tasks.items()},
        metrics={n: task.default_metrics() for n, task in data.tasks.items()},
    )
    callbacks = []
    if kind == "roaming":
        steps = max(1, data.train.num_batches // 10) if FULL else 1
        callbacks.append(keras_mtl.callbacks.Roaming(every={"steps": steps}))
    history = trainer.fit(
        data.train_stream(),
        steps_per_epoch=data.train.num_batches,
        epochs=EPOCHS,
        callbacks=callbacks,
        verbose=2 if FULL else 0,
    )
    scores = trainer.evaluate(data.test.dataset(), return_dict=True, verbose=0)
    return scores, history.history


results = {kind: train(kind) for kind in ("all filters", "routing", "roaming")}

# %% [markdown]
# Occupancy stays what it was: a task that gains a filter loses another one.

# %%
_, history = results["roaming"]
for name in ("occupancy", "overlap", "completion"):
    values = "".join(f"{value:8.3f}" for value in history[f"roaming_{name}"])
    print(f"{name:12}{values}")

# %%
names = [f"{name}_accuracy" for name in sorted(tasks)]
print(f"{'':12}" + "".join(f"{name:>18}" for name in names))
for kind, (scores, _) in results.items():
    print(f"{kind:12}" + "".join(f"{scores[name]:18.3f}" for name in names))
