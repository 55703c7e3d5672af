import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.aggregators import imtl_g_weights

traced_weights = tf.function(imtl_g_weights)


def test_orthogonal_gradients_are_weighted_by_inverse_norm():
    gram = np.diag([1.0, 4.0]).astype("float32")
    np.testing.assert_allclose(traced_weights(gram), [2 / 3, 1 / 3], rtol=1e-5)


@given(st.integers(0, 2**31))
def test_update_projects_equally_on_every_task(seed):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(3, 9)) * 10 ** rng.uniform(-3, 3, (3, 1))
    gram = jacobian @ jacobian.T
    projections = gram @ traced_weights(gram).numpy() / np.sqrt(np.diag(gram))
    np.testing.assert_allclose(projections, projections[0], rtol=1e-6)


def test_duplicates_share_and_zero_gradients_get_nothing():
    jacobian = np.array([[1, 0], [1, 0], [0, 0], [0, 1]], "float32")
    weights = traced_weights(jacobian @ jacobian.T)
    np.testing.assert_allclose(weights, [0.25, 0.25, 0, 0.5], rtol=1e-5)


def test_opposite_gradients_give_no_update():
    gram = np.array([[1.0, -1.0], [-1.0, 1.0]], "float32")
    np.testing.assert_array_equal(traced_weights(gram), [0, 0])
