"""Models small enough to be trained in every test."""

import keras
import numpy as np
import pytest

from keras_mtl.models import mlp
from keras_mtl.trainers import Shared

X = np.random.default_rng(0).normal(size=(24, 3)).astype("float32")
Y = {"left": X[:, :1], "right": X[:, 1:2] - X[:, 2:]}


def compiled(model):
    model.compile(
        keras.optimizers.SGD(0.01),
        loss={"left": "mse", "right": "mae"},
        metrics={"left": ["mean_absolute_error"]},
    )
    return model


def network():
    keras.utils.set_random_seed(3)
    return mlp({"left": 1, "right": 1}, input_shape=(3,), units=(4,))


@pytest.fixture
def trainer():
    return compiled(Shared(network()))


@pytest.fixture
def keras_model():
    """A plain Keras model with the same tasks."""
    return compiled(network())


@pytest.fixture
def fit():
    """Trains six batches an epoch, with validation, in a fixed order."""

    def run(model, *callbacks, epochs=2, validation=True, **options):
        return model.fit(
            X,
            Y,
            batch_size=4,
            epochs=epochs,
            shuffle=False,
            verbose=0,
            validation_data=(X, Y) if validation else None,
            callbacks=list(callbacks),
            **options,
        )

    return run
