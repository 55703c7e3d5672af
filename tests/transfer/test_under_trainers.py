"""Parts, and frozen layers, under every update scheme."""

import keras
import numpy as np
import pytest

import keras_mtl
from keras_mtl.trainers import Alternating, Independent, Shared, SingleTask
from keras_mtl.transfer import (
    GradualUnfreezing,
    LayerwiseOptimizer,
    LearningRatePart,
    freeze,
)

SCHEMES = [Shared, Alternating, Independent, SingleTask]
PATHS = ("trunk/kernel", "trunk/bias")


def network():
    inputs = keras.Input((3,), name="features")
    x = keras.layers.Dense(4, name="stem")(inputs)
    x = keras.layers.Dense(4, name="trunk")(x)
    outputs = {t: keras.layers.Dense(1, name=f"{t}_head")(x) for t in "ab"}
    model = keras.Model(inputs, outputs)
    generator = np.random.default_rng(0)
    model.set_weights([generator.normal(size=w.shape) for w in model.weights])
    return model


def trained(scheme, optimizer, model=None, epochs=2, callbacks=(), **kwargs):
    model = network() if model is None else model
    trainer = scheme(model, **kwargs)
    trainer.compile(optimizer, loss=dict.fromkeys("ab", "mse"))
    x = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
    y = {t: np.ones((4, 1), "float32") for t in "ab"}
    trainer.fit(
        x,
        y,
        batch_size=2,
        shuffle=False,
        epochs=epochs,
        callbacks=list(callbacks),
        verbose=0,
    )
    return trainer


def layerwise(multiplier=1.0, start_epoch=0):
    part = LearningRatePart(PATHS, multiplier, start_epoch)
    return LayerwiseOptimizer(keras.optimizers.Adam(0.01), [part])


def weights(trainer, name):
    return [
        np.array(v) for v in trainer.model.weights if name in v.path.split("/")
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_multipliers_of_one_change_nothing(scheme):
    one = trained(scheme, keras.optimizers.Adam(0.01))
    two = trained(scheme, layerwise())
    for own, other in zip(
        one.model.get_weights(), two.model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(own, other, rtol=1e-6)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_multiplier_of_zero_keeps_a_part(scheme):
    before = [np.array(w) for w in network().get_layer("trunk").weights]
    trainer = trained(scheme, layerwise(multiplier=0.0))
    found = weights(trainer, "trunk")
    assert len(found) in (2, 4)
    for index, weight in enumerate(found):
        np.testing.assert_array_equal(weight, before[index % 2])
    stem = np.array(network().get_layer("stem").kernel)
    assert all((w != stem).any() for w in weights(trainer, "stem")[::2])


@pytest.mark.parametrize("scheme", [Shared, Independent])
def test_gradual_unfreezing(scheme):
    before = np.array(network().get_layer("trunk").kernel)
    moved = []

    def record(epoch, logs):
        moved.append((weights(trainers[0], "trunk")[0] != before).any())

    class Recorder(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            trainers[0] = self.model
            record(epoch, logs)

    trainers = [None]
    trained(
        scheme,
        layerwise(start_epoch=2),
        epochs=3,
        callbacks=[GradualUnfreezing(), Recorder()],
    )
    assert moved == [False, False, True]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_frozen_layers_stay(scheme):
    model = network()
    freeze(model, ["stem"])
    before = np.array(model.get_layer("stem").kernel)
    trainer = trained(scheme, keras.optimizers.Adam(0.01), model)
    for kernel in weights(trainer, "stem")[::2]:
        np.testing.assert_array_equal(kernel, before)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_heads_on_a_frozen_encoder(scheme):
    model = network()
    freeze(model, ["stem", "trunk"])
    before = {v.path: np.array(v) for v in model.weights}
    trainer = trained(scheme, keras.optimizers.Adam(0.01), model)
    for variable in trainer.model.weights:
        is_head = "head" in variable.path
        changed = (np.array(variable) != before[variable.path]).all()
        assert changed == is_head, variable.path


def test_float16():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        trainer = trained(Shared, layerwise(multiplier=0.0))
    finally:
        keras.config.set_dtype_policy(policy)
    before = np.array(network().get_layer("trunk").kernel)
    np.testing.assert_array_equal(weights(trainer, "trunk")[0], before)


def test_a_saved_trainer_comes_back(tmp_path):
    trainer = trained(Independent, layerwise(multiplier=0.5))
    path = str(tmp_path / "trainer.weights.h5")
    trainer.save_weights(path)
    again = trained(Independent, layerwise(multiplier=0.5), epochs=1)
    again.load_weights(path)
    for own, other in zip(
        again.optimizer.variables, trainer.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(np.array(own), np.array(other))


def test_a_partitioned_model_takes_over_what_was_loaded():
    inputs = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Conv2D(4, 3, name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    outputs = {t: keras.layers.Dense(1, name=f"{t}_head")(x) for t in "ab"}
    source = keras.Model(inputs, outputs)
    source.get_layer("norm").set_weights(
        [np.full(4, value, "float32") for value in (1, 2, 3, 4)]
    )
    model = keras.models.clone_model(source)
    keras_mtl.transfer.load_pretrained(model, source)
    parted = keras_mtl.partition(model, p=0.5)
    freeze(parted, ["norm"])
    norm = parted.get_layer("norm")
    np.testing.assert_array_equal(norm.moving_mean, np.full((2, 4), 3))
    assert not norm.trainable_variables
