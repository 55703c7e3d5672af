import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.aggregators import con_fig_weights

traced_weights = tf.function(con_fig_weights)


@given(st.integers(0, 2**31))
def test_it_is_the_published_formula(seed):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(3, 9)) * 10 ** rng.uniform(-1, 1, (3, 1))
    unit = jacobian / np.linalg.norm(jacobian, axis=1, keepdims=True)
    direction = np.linalg.pinv(unit) @ np.ones(3)
    direction /= np.linalg.norm(direction)
    expected = (jacobian @ direction).sum() * direction
    found = traced_weights(jacobian @ jacobian.T).numpy() @ jacobian
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_preferences_are_ratios_of_cosines():
    jacobian = np.array([[1.0, 0.0, 0.0], [0.5, 2.0, 0.0]])
    weights = traced_weights(jacobian @ jacobian.T, preference=[1, 2])
    products = jacobian @ (weights.numpy() @ jacobian)
    cosines = products / np.linalg.norm(jacobian, axis=1)
    np.testing.assert_allclose(cosines[1], 2 * cosines[0], rtol=1e-6)
