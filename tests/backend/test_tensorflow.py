"""All ways through a phase, on graphs with everything in odd places."""

import keras
import numpy as np
import pytest

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.trainers import Alternating, Shared

TASKS = ("a", "b", "c")


class Everything(Aggregator):
    """A sum that insists on the Gram matrix."""

    def native_sum(self, num_present):
        return num_present

    def task_weights(self, gram, present=None, losses=None):
        return keras.ops.ones(gram.shape[:1], gram.dtype)


def skipping():
    """Two frontier tensors, the raw input, and one layer used everywhere."""
    x = keras.Input((4,), name="features")
    first = keras.layers.Dense(4, activation="tanh", name="first")(x)
    again = keras.layers.Dense(
        4, activation="tanh", activity_regularizer="l2", name="again"
    )
    second = again(first)
    outputs = {
        "a": keras.layers.Concatenate(name="join")([first, again(second)]),
        "b": keras.layers.Add(name="add")([second, x]),
        "c": again(again(second)),
    }
    return keras.Model(
        x, {t: keras.layers.Dense(2, name=t)(h) for t, h in outputs.items()}
    )


def embedded():
    """Shared weights with sparse gradients."""
    words = keras.Input((3,), dtype="int32", name="words")
    hidden = keras.layers.Embedding(7, 4, name="embedding")(words)
    hidden = keras.layers.Flatten()(hidden)
    return keras.Model(
        words, {t: keras.layers.Dense(2, name=t)(hidden) for t in TASKS}
    )


def data(model):
    numbers = np.random.default_rng(0)
    labels = {t: numbers.normal(size=(6, 2)).astype("float32") for t in TASKS}
    if model.inputs[0].dtype == "int32":
        return numbers.integers(0, 7, (6, 3)), labels
    return numbers.normal(size=(6, 4)).astype("float32"), labels


def after_two_steps(build, wrap):
    keras.utils.set_random_seed(0)
    model = build()
    trainer = wrap(model)
    trainer.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=True)
    for _ in range(2):
        trainer.train_on_batch(*data(model))
    return [np.array(v.value) for v in model.trainable_variables]


PATHS = {
    "summed": {},
    "per_task": {"aggregator": Everything},
    "frontier": {"aggregator": Everything, "gradients": "representation"},
}


def made(options):
    return {
        key: value() if key == "aggregator" else value
        for key, value in options.items()
    }


@pytest.mark.parametrize("path", sorted(PATHS))
@pytest.mark.parametrize("build", [skipping, embedded])
def test_every_path_to_a_sum_is_what_plain_keras_does(build, path):
    expected = after_two_steps(build, lambda model: model)
    found = after_two_steps(
        build, lambda model: Shared(model, **made(PATHS[path]))
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("path", ["per_task", "frontier"])
def test_every_path_within_a_group(path):
    groups = [["a", "c"], ["b"]]
    expected, found = (
        after_two_steps(
            skipping,
            lambda model, options=options: Alternating(
                model, groups, **options
            ),
        )
        for options in (made(PATHS["summed"]), made(PATHS[path]))
    )
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
