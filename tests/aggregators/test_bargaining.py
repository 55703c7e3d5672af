import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators.bargaining import bargain


@pytest.mark.parametrize("power", [0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("num_tasks", [1, 3, 64])
def test_equations_hold_for_very_different_lengths(power, num_tasks):
    rng = np.random.default_rng(num_tasks)
    jacobian = rng.normal(size=(num_tasks, 400))
    jacobian *= 10 ** rng.uniform(-3, 0, (num_tasks, 1))
    gram = jacobian @ jacobian.T
    share = tf.ones(num_tasks, "float64")
    weights = tf.function(bargain)(gram, power, share).numpy()
    np.testing.assert_allclose((gram @ weights) * weights**power, 1, rtol=1e-4)


def test_without_a_solution_the_weights_are_finite():
    gram = np.array([[1.0, -1.0], [-1.0, 1.0]])
    weights = bargain(gram, 1.0, tf.ones(2, "float64")).numpy()
    assert np.isfinite(weights).all()
    np.testing.assert_allclose(weights[0], weights[1])
