import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import GradDrop, graddrop


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


def test_a_leak_above_one_is_refused():
    with pytest.raises(ValueError, match="`leak` must be between 0 and 1"):
        GradDrop(leak=2.0)
