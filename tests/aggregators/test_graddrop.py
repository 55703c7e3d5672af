import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import GradDrop, graddrop
from keras_mtl.trainers import Shared


def test_one_sign_survives_in_every_element():
    stack = np.array([[3.0, -1.0], [-1.0, -1.0]], "float32")
    no_leak = np.zeros(2, "float32")
    for chance, expected in (([0.7, 0.0], [3, -2]), ([0.8, 0.0], [-1, -2])):
        chance = np.array(chance, "float32")
        found = graddrop(stack, chance, no_leak)
        np.testing.assert_allclose(found, expected)


def test_what_leaks_is_kept():
    stack = np.array([[3.0], [-1.0]], "float32")
    chance = np.array([0.0], "float32")
    found = graddrop(stack, chance, np.array([0.0, 0.5], "float32"))
    np.testing.assert_allclose(found, [2.5])


def test_a_full_leak_is_the_sum():
    stack = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    found = GradDrop(leak=1.0).combine(stack)
    np.testing.assert_allclose(found, stack.sum(0), rtol=1e-6)


def test_it_is_unbiased_up_to_a_factor():
    aggregator = GradDrop(seed=0)
    stack = tf.constant(np.repeat([[2.0], [-1.0]], 20000, 1), "float32")
    found = aggregator.combine(stack).numpy()
    np.testing.assert_allclose((found > 0).mean(), 2 / 3, atol=0.02)


def test_leaks_by_name():
    aggregator = GradDrop(leak={"a": 1.0})
    stack = np.ones((2, 3), "float32")
    with pytest.raises(ValueError, match=r"call `check_tasks\(tasks\)`"):
        aggregator.combine(stack)
    with pytest.raises(ValueError, match=r"does not have: \['a'\]"):
        aggregator.check_tasks(["b", "c"])
    aggregator.check_tasks(["a", "b"])
    assert aggregator.combine(stack).shape == (3,)


def test_at_a_representation_samples_agree_on_a_sign():
    numbers = np.random.default_rng(0)
    stack = numbers.normal(size=(3, 5, 4)).astype("float32")
    features = numbers.normal(size=(5, 4)).astype("float32")
    found = GradDrop(seed=0).combine_at(stack, features).numpy()
    turned = (stack * np.sign(features)).sum(1)
    for unit in range(4):
        options = [
            stack[(side * turned[:, unit]) > 0, :, unit].sum(0)
            for side in (1.0, -1.0)
        ]
        assert any(np.allclose(found[:, unit], o, atol=1e-6) for o in options)


def test_at_a_representation_the_share_is_that_of_the_batch():
    # Twice the weight for one task, of opposite gradients.
    stack = np.ones((2, 3, 20000), "float32") * [[[2.0]], [[-1.0]]]
    features = np.ones((3, 20000), "float32") * [[1.0], [-1.0], [1.0]]
    stack = (stack * features).astype("float32")
    found = GradDrop(seed=0).combine_at(stack, features).numpy()
    first = np.isclose(found[0], 2.0)
    np.testing.assert_allclose(first.mean(), 2 / 3, atol=0.02)
    np.testing.assert_array_equal(np.isclose(found[1], -2.0), first)


def test_a_trainer_takes_it_at_the_representation():
    inputs = keras.Input((3,), name="x")
    hidden = keras.layers.Dense(4, activation="tanh")(inputs)
    outputs = {t: keras.layers.Dense(1, name=t)(hidden) for t in "ab"}
    model = keras.Model(inputs, outputs)
    trainer = Shared(model, GradDrop(seed=0), gradients="representation")
    trainer.compile("sgd", loss="mse")
    x = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
    before = model.layers[1].kernel.numpy()
    logs = trainer.train_on_batch(x, {"a": x[:, :1], "b": x[:, 1:2]})
    assert np.isfinite(logs).all()
    assert np.abs(model.layers[1].kernel - before).max() > 0


def test_a_leak_above_one_is_refused():
    with pytest.raises(ValueError, match="`leak` must be between 0 and 1"):
        GradDrop(leak=2.0)
