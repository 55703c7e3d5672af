import math
import types

import keras
import numpy as np
import pytest

from keras_mtl.callbacks import CoveredDistance
from keras_mtl.runs import RunFolder, train
from keras_mtl.trainers import Alternating, Independent, Shared, SingleTask

TASKS = ("a", "b", "c", "d")
X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
Y = {task: X[:, :1] * k for k, task in enumerate(TASKS, start=1)}
SHARED = ("trunk/kernel", "trunk/bias")


def network():
    keras.utils.set_random_seed(1)
    x = keras.Input((3,), name="features")
    h = keras.layers.Dense(4, name="trunk")(x)
    h = keras.layers.Activation("tanh")(
        keras.layers.BatchNormalization(name="norm")(h)
    )
    heads = {task: keras.layers.Dense(1, name=task)(h) for task in TASKS}
    return keras.Model(x, heads)


def vector(model):
    """The shared weights, as the thesis counts them."""
    values = {v.path: v.numpy().ravel() for v in model.trainable_variables}
    return np.concatenate([values[path] for path in SHARED]).astype("float64")


class Recording(keras.optimizers.Adam):
    """Adam that tells where the weights are after each of its steps."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.places = []
        self.read = None

    def apply(self, gradients, variables=None):
        super().apply(gradients, variables)
        if self.read is not None:
            self.places.append(self.read())


def fit(trainer, *callbacks, epochs=2):
    return trainer.fit(
        X,
        Y,
        batch_size=4,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[*callbacks, CoveredDistance()],
    ).history


@pytest.mark.parametrize(
    ("scheme", "per_batch"), [(Shared, 1), (Alternating, len(TASKS))]
)
def test_the_way_is_the_sum_of_all_steps(scheme, per_batch):
    trainer = scheme(network())
    optimizer = Recording(0.05)
    trainer.compile(optimizer, loss="mse", run_eagerly=True)
    places = types.SimpleNamespace(read=lambda: vector(trainer.model))
    optimizer.read = places.read
    start = places.read()
    history = fit(trainer)
    way = np.array([start, *optimizer.places])
    assert len(optimizer.places) == 6 * per_batch
    lengths = np.linalg.norm(np.diff(way, axis=0), axis=1)
    for epoch in (0, 1):
        done = 3 * per_batch * (epoch + 1)
        total = lengths[:done].sum()
        shortest = np.linalg.norm(way[done] - start)
        expected = {
            "total": total,
            "shortest": shortest,
            "ratio": total / shortest,
            "per_step": total / done,
        }
        for name, value in expected.items():
            found = history[f"distance_{name}"][epoch]
            np.testing.assert_allclose(found, value, rtol=1e-5)


@pytest.mark.parametrize("scheme", [Alternating, Independent])
def test_one_traced_step_for_all_tasks_goes_the_same_way(scheme):
    found = []
    for eager in (True, False):
        trainer = scheme(network())
        # Adam would make steps of the rounding errors of the bias before
        # the normalisation, whose gradient is 0.
        optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
        trainer.compile(optimizer, loss="mse", run_eagerly=eager)
        found.append(fit(trainer))
    for name, values in found[0].items():
        np.testing.assert_allclose(values, found[1][name], rtol=1e-4)
    assert int(trainer.movement.steps) == 6 * len(TASKS)


def test_the_straight_way_has_ratio_one():
    x = keras.Input((3,), name="features")
    h = keras.layers.Dense(1, use_bias=False, name="trunk")(x)
    same = keras.layers.Activation("linear")(h)
    trainer = Shared(keras.Model(x, {"a": same, "b": same}))
    trainer.compile(
        keras.optimizers.SGD(0.1), loss=lambda y, p: keras.ops.mean(p, -1)
    )
    ones = np.ones((12, 3), "float32")
    y = {"a": ones[:, :1], "b": ones[:, :1]}
    history = trainer.fit(
        ones, y, batch_size=4, verbose=0, callbacks=[CoveredDistance()]
    ).history
    np.testing.assert_allclose(history["distance_ratio"], 1.0, rtol=1e-5)
    # Three steps of 0.1 times the gradient 2 (1, 1, 1).
    total = 3 * 0.1 * 2 * math.sqrt(3)
    np.testing.assert_allclose(history["distance_total"], total, rtol=1e-5)


def test_what_is_not_trained_has_no_ratio():
    trainer = Shared(network())
    trainer.compile(keras.optimizers.SGD(0.0), loss="mse")
    history = fit(trainer, epochs=1)
    assert history["distance_total"] == [0.0]
    assert int(trainer.movement.steps) == 0
    assert math.isnan(history["distance_ratio"][0])


def test_the_way_goes_on_in_another_fit_and_after_compiling_again():
    trainer = Shared(network())
    trainer.compile(keras.optimizers.SGD(0.1), loss="mse")
    first = fit(trainer, epochs=1)["distance_total"][0]
    trainer.compile(keras.optimizers.SGD(0.1), loss="mse")
    second = fit(trainer, epochs=1)["distance_total"][0]
    assert second > first > 0
    assert int(trainer.movement.steps) == 6


class Data:
    name, fingerprint = "noise", "0" * 16
    validation = test = None

    def __init__(self):
        self.train = types.SimpleNamespace(num_batches=3)

    def train_stream(self, start_epoch=0, start_batch=0):
        import tensorflow as tf

        batches = tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)
        return batches.repeat().skip(start_batch)


class Interrupt(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step) == 5:
            raise KeyboardInterrupt


def run_trainer(run, epochs, *callbacks, resume=False):
    trainer = Independent(network())
    trainer.compile("adam", loss="mse")
    train(
        trainer,
        Data(),
        run,
        epochs=epochs,
        monitor="loss",
        resume=resume,
        quiet=True,
        callbacks=[CoveredDistance(), *callbacks],
    )
    return run.history


def test_a_resumed_run_goes_on_with_its_way(tmp_path):
    def new(name):
        resolved = {"name": name, "fit": {}}
        return RunFolder.create(tmp_path / name, "seed: 0\n", resolved, ["fit"])

    whole = run_trainer(new("whole"), 3)
    run = new("interrupted")
    with pytest.raises(KeyboardInterrupt):
        run_trainer(run, 3, Interrupt())
    resumed = run_trainer(RunFolder.open(run.path), 3, resume=True)
    for key in ("total", "shortest", "ratio", "per_step"):
        name = f"distance_{key}"
        assert [r[name] for r in resumed] == [r[name] for r in whole]


def test_weights_load_into_a_trainer_that_measures_nothing(tmp_path):
    trainer = Shared(network())
    trainer.compile("sgd", loss="mse")
    fit(trainer, epochs=1)
    trainer.save_weights(tmp_path / "trainer.weights.h5")
    other = Shared(network())
    other.compile("sgd", loss="mse")
    other.load_weights(tmp_path / "trainer.weights.h5")
    np.testing.assert_array_equal(vector(other.model), vector(trainer.model))


def test_models_that_cannot_be_measured_are_refused():
    model = network()
    model.compile("sgd", loss="mse")
    with pytest.raises(ValueError, match="Received: Functional"):
        CoveredDistance().set_model(model)
    single = SingleTask(network())
    single.compile("sgd", loss="mse")
    with pytest.raises(ValueError, match="share none"):
        CoveredDistance().set_model(single)


def test_several_steps_on_several_devices_are_refused():
    two = types.SimpleNamespace(num_replicas_in_sync=2)
    trainer = types.SimpleNamespace(
        follow=None, movement=None, phases=(1, 2), distribute_strategy=two
    )
    with pytest.raises(ValueError, match="2 steps on 2 devices"):
        CoveredDistance().set_model(trainer)
