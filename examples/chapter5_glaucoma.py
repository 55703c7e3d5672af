# %% [markdown]
"""Glaucoma from fundus photographs: one network, three tasks.

Chapter 5 of the thesis: one U-Net says whether an eye has glaucoma and finds
the optic disc and the optic cup; the height of the cup over that of the disc
(the vertical cup-to-disc ratio) is a second sign of glaucoma.

    python examples/chapter5_glaucoma.py         # seconds, small images
    python examples/chapter5_glaucoma.py --full  # 100 epochs

Needs `KERAS_MTL_DATA`, a folder with Drishti-GS1/ in it, and SciPy
(`keras-mtl[medical]`).
"""

# %%
from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import keras
import numpy as np

import keras_mtl
from keras_mtl import retina

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--full", action="store_true", help="train properly")
# Notebooks have arguments of their own.
arguments, _ = parser.parse_known_args()
FULL = arguments.full
files = Path(os.environ.get("KERAS_MTL_DATA", "")) / "Drishti-GS1"
if not files.is_dir():
    sys.exit("Set KERAS_MTL_DATA to a folder with Drishti-GS1/ in it.")

# %%
data = keras_mtl.datasets.load(
    "refuge",
    layout="drishti_gs",
    dir=str(files),
    size=(128, 128) if FULL else (64, 64),
    batch_size=8,
    validation=10,
    augmentation=[{"name": "flip", "horizontal": 0.5}] if FULL else [],
)
tasks = {name: task.num_outputs for name, task in data.tasks.items()}
kinds = {name: task.kind for name, task in data.tasks.items()}
print(f"{data.name}: {kinds}, images {data.input_shape}")

# %% [markdown]
# The classifier reads the bottleneck of the U-Net, the masks its last level.
# Every task has a step and an optimizer of its own (IO).

# %%
keras.utils.set_random_seed(0)
model = keras_mtl.models.unet(
    tasks,
    data.input_shape,
    kinds,
    widths=(16, 32, 64, 128, 128) if FULL else (8, 16),
    pooling="max",
)
trainer = keras_mtl.trainers.Independent(model)
trainer.compile(
    optimizer=keras.optimizers.Adam(1e-3),
    loss={name: task.default_loss() for name, task in data.tasks.items()},
)
history = trainer.fit(
    data.train_stream(),
    steps_per_epoch=data.train.num_batches if FULL else 2,
    epochs=100 if FULL else 2,
    callbacks=[keras_mtl.callbacks.CoveredDistance()],
    verbose=2 if FULL else 0,
).history
for name in ("glaucoma_loss", "disc_loss", "cup_loss", "distance_ratio"):
    print(f"{name:16}" + "".join(f"{v:8.3f}" for v in history[name][-5:]))


# %% [markdown]
# From maps to measurements: the largest component of each mask, how much of it
# is right, and the ratio of the heights.


# %%
def masks(logits: np.ndarray) -> list[np.ndarray]:
    return [retina.largest_component(one[..., 0] > 0) for one in logits]


def ratios(discs: list[np.ndarray], cups: list[np.ndarray]) -> list[float]:
    return [
        retina.vertical_cup_to_disc_ratio(disc, cup).value
        for disc, cup in zip(discs, cups, strict=True)
    ]


truth = {"disc": [], "cup": [], "glaucoma": []}
found = {"disc": [], "cup": [], "glaucoma": []}
for x, y, *_ in data.test.dataset().take(None if FULL else 2):
    outputs = trainer.predict_on_batch(x)
    for name in ("disc", "cup"):
        truth[name] += [one[..., 0] > 0.5 for one in y[name].numpy()]
        found[name] += masks(outputs[name])
    truth["glaucoma"] += y["glaucoma"].numpy()[:, 0].tolist()
    logits = outputs["glaucoma"][:, 0]
    found["glaucoma"] += (1 / (1 + np.exp(-logits))).tolist()

for name in ("disc", "cup"):
    pairs = zip(truth[name], found[name], strict=True)
    scores = [retina.dice(one, other) for one, other in pairs]
    print(f"Dice of the {name}: {np.mean(scores):.3f}")
labels = ratios(truth["disc"], truth["cup"])
error = retina.vcdr_error(labels, ratios(found["disc"], found["cup"]))
print(
    f"error of the ratio: {error.value:.3f} over {error.num_defined} eyes; "
    f"{error.num_undefined} without a disc"
)

# %% [markdown]
# What the ratio alone says of glaucoma: a logistic regression, fitted to the
# annotated masks of the training images, and asked about those of the others.

# %%
known = {"disc": [], "cup": [], "glaucoma": []}
for _, y, *_ in data.train.dataset():
    for name in ("disc", "cup"):
        known[name] += [one[..., 0] > 0.5 for one in y[name].numpy()]
    known["glaucoma"] += y["glaucoma"].numpy()[:, 0].tolist()
classifier = retina.VCDRClassifier.fit(
    ratios(known["disc"], known["cup"]), known["glaucoma"]
)
by_ratio = classifier.probability(labels)
for name, scores in (("network", found["glaucoma"]), ("ratio", by_ratio)):
    right = (np.asarray(scores) > 0.5) == (np.asarray(truth["glaucoma"]) > 0.5)
    print(f"glaucoma by the {name}: accuracy {right.mean():.3f}")
