# %% [markdown]
"""A new classifier built from the classes of an old one.

Appendix A of the thesis: where the classes of a new task resemble those of a
trained classifier, its weights are a better beginning than random ones.

    python examples/appendix_transfer.py         # seconds, bundled digits
    python examples/appendix_transfer.py --full  # trains the source longer
"""

# %%
from __future__ import annotations

import argparse

import keras
import numpy as np
from sklearn.datasets import load_digits

from keras_mtl.transfer import InferenceSimilarity, initialize_classifier

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--full", action="store_true", help="train properly")
# Notebooks have arguments of their own.
arguments, _ = parser.parse_known_args()
FULL = arguments.full

# %% [markdown]
# The source knows ten digits. The new task has three classes, of which each is
# more than one of them.

# %%
digits = load_digits()
x = (digits.data / 16).astype("float32")
is_train = np.arange(len(x)) % 3 > 0
SOURCE = [str(digit) for digit in range(10)]
TARGET = {"round": (0, 6, 9), "straight": (1, 4, 7), "bent": (2, 3, 5)}
group = np.full(10, -1)
for number, members in enumerate(TARGET.values()):
    group[list(members)] = number
y = group[digits.target]  # the digit 8 belongs to none

# %%
keras.utils.set_random_seed(0)
image = keras.Input((64,), name="image")
hidden = keras.layers.Dense(64, "relu", name="trunk")(image)
source = keras.Model(image, keras.layers.Dense(10, name="digits")(hidden))
source.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
source.fit(
    x[is_train],
    digits.target[is_train],
    epochs=40 if FULL else 8,
    verbose=2 if FULL else 0,
)

# %% [markdown]
# The new classifier reads the same features. Without training it, its head is
# random, or an average of the source classes that its training images look
# like to the source.


# %%
def accuracy(model: keras.Model) -> float:
    wanted = ~is_train & (y >= 0)
    outputs = model.predict(x[wanted], verbose=0)
    return float(np.mean(outputs.argmax(axis=-1) == y[wanted]))


head = keras.layers.Dense(len(TARGET), name="shapes")
target = keras.Model(image, head(hidden))
print(f"random head: accuracy {accuracy(target):.3f}")
known = is_train & (y >= 0)
report = initialize_classifier(
    head,
    source,
    InferenceSimilarity(x[known], y[known]),
    k=3,
    source_classes=SOURCE,
    target_classes=list(TARGET),
)
print(report)
print(f"built head: accuracy {accuracy(target):.3f}")
