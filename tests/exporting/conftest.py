import keras
import numpy as np
import pytest
from keras import layers

RNG = np.random.default_rng(0)


def small(norm=True):
    """A convolution with normalisation, a residual one, two heads."""
    x = keras.Input((8, 8, 3), name="image")
    h = layers.Conv2D(6, 3, padding="same", name="first")(x)
    h = layers.BatchNormalization(name="norm")(h) if norm else h
    h = layers.ReLU(name="relu")(h)
    y = layers.Conv2D(6, 3, padding="same", name="second")(h)
    h = layers.Add(name="add")([h, y])
    h = layers.GlobalAveragePooling2D(name="pool")(h)
    outputs = {t: layers.Dense(n, name=t)(h) for t, n in (("a", 2), ("b", 3))}
    return keras.Model(x, outputs, name="small")


def shaken(model):
    """Gives what starts as zeros or ones other values."""
    names = ("gamma", "beta", "bias", "moving_mean", "moving_variance")
    for variable in model.weights:
        if variable.path.rpartition("/")[2] in names:
            variable.assign(RNG.uniform(0.5, 1.5, variable.shape))
    return model


@pytest.fixture
def model():
    return shaken(small())


@pytest.fixture
def images():
    return RNG.normal(size=(7, 8, 8, 3)).astype("float32")
