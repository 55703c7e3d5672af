"""Real digits: classes built from similar ones know something at once."""

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_mtl.transfer import (
    InferenceSimilarity,
    initialize_classifier,
    load_pretrained,
)

SOURCES = (0, 1, 2, 3, 4, 5)
TARGETS = (6, 7, 8, 9)


def network(units):
    inputs = keras.Input((64,))
    x = keras.layers.Dense(64, activation="relu", name="encoder")(inputs)
    return keras.Model(inputs, keras.layers.Dense(units, name="logits")(x))


def digits(classes):
    images, labels = load_digits(return_X_y=True)
    kept = np.isin(labels, classes)
    x = (images[kept] / 16).astype("float32")
    return x, np.searchsorted(classes, labels[kept])


def accuracy(model, x, y):
    return float(np.mean(np.argmax(model(x), axis=-1) == y))


@pytest.fixture(scope="module")
def source():
    keras.utils.set_random_seed(0)
    x, y = digits(SOURCES)
    model = network(len(SOURCES))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss)
    model.fit(x, y, batch_size=64, epochs=4, verbose=0)
    assert accuracy(model, x, y) > 0.9
    return model


def test_by_inference_it_starts_above_chance(source):
    x, y = digits(TARGETS)
    few = np.concatenate([np.flatnonzero(y == one)[:10] for one in range(4)])
    rest = np.setdiff1d(np.arange(len(y)), few)
    random, built = [], []
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        model = network(len(TARGETS))
        load_pretrained(model, source, layers=["encoder"])
        random.append(accuracy(model, x[rest], y[rest]))
        report = initialize_classifier(
            model.get_layer("logits"),
            source,
            InferenceSimilarity(x[few], y[few]),
            k=3,
            source_classes=[str(one) for one in SOURCES],
            target_classes=[str(one) for one in TARGETS],
        )
        built.append(accuracy(model, x[rest], y[rest]))
    assert not any(one.is_random for one in report.origins)
    assert np.mean(random) == pytest.approx(1 / 4, abs=0.15)
    assert np.mean(built) > 0.35
