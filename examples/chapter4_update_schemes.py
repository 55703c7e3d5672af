# %% [markdown]
"""One step for all tasks, or one for each: SUS, IUS and IO.

Chapter 4 of the thesis ("Optimization Strategies in Multi-Task Learning:
Averaged or Independent Losses?", https://arxiv.org/abs/2109.11678) compares
summing the losses (`Shared`) with a step per task, by one optimizer
(`Alternating`) or by one for each (`Independent`), and with methods that
combine the gradients.

    python examples/chapter4_update_schemes.py         # seconds, bundled digits
    python examples/chapter4_update_schemes.py --full  # 20 epochs
"""

# %%
from __future__ import annotations

import argparse

import keras

import keras_mtl
from keras_mtl.aggregators import MGDA, PCGrad
from keras_mtl.trainers import Alternating, Independent, Shared

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--full", action="store_true", help="train properly")
# Notebooks have arguments of their own.
arguments, _ = parser.parse_known_args()
FULL = arguments.full

# %%
size = {} if FULL else {"train_size": 256}
data = keras_mtl.datasets.load("multi_digits", batch_size=64, **size)
EPOCHS = 20 if FULL else 2
tasks = {name: task.num_outputs for name, task in data.tasks.items()}

# %% [markdown]
# The schemes train the same network from the same weights on the same batches.

# %%
METHODS = {
    "SUS": Shared,
    "IUS": Alternating,
    "IO": Independent,
    "SUS, PCGrad": lambda model: Shared(model, aggregator=PCGrad(seed=0)),
    "SUS, MGDA": lambda model: Shared(model, aggregator=MGDA()),
}


def train(name: str) -> dict[str, float]:
    keras.utils.set_random_seed(0)
    model = keras_mtl.models.lenet(tasks, data.input_shape, dropout=0.0)
    trainer = METHODS[name](model)
    trainer.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss={n: task.default_loss() for n, task in data.tasks.items()},
        metrics={n: task.default_metrics() for n, task in data.tasks.items()},
    )
    history = trainer.fit(
        data.train_stream(),
        steps_per_epoch=data.train.num_batches,
        epochs=EPOCHS,
        callbacks=[keras_mtl.callbacks.CoveredDistance()],
        verbose=2 if FULL else 0,
    ).history
    scores = trainer.evaluate(data.test.dataset(), return_dict=True, verbose=0)
    distances = {k: v[-1] for k, v in history.items() if k.startswith("dist")}
    return {**scores, **distances}


results = {name: train(name) for name in METHODS}

# %% [markdown]
# Section 4.3.4: how far the shared weights went, how far they got, and the
# ratio of both. IUS and IO make a step per task, so that their ways are longer
# for that reason alone: the length of a step tells the rest.

# %%
COLUMNS = {
    "left": "left_accuracy",
    "right": "right_accuracy",
    "total": "distance_total",
    "shortest": "distance_shortest",
    "ratio": "distance_ratio",
    "per step": "distance_per_step",
}
print(f"{'':14}" + "".join(f"{title:>10}" for title in COLUMNS))
for name, values in results.items():
    cells = (f"{values[key]:10.3f}" for key in COLUMNS.values())
    print(f"{name:14}" + "".join(cells))

# %% [markdown]
# Equation 4.8: between one step for all tasks and one for each lie groups of
# tasks. With one group, IO is SUS; `groups` may also name the tasks.

# %%
model = keras_mtl.models.lenet(tasks, data.input_shape)
print("one group: ", Independent(model, groups=1).groups)
print("two groups:", Independent(model, groups=[["right"], ["left"]]).groups)
