import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from keras_mtl.aggregators import dualproj_weights

traced_weights = tf.function(dualproj_weights)


@given(
    seed=st.integers(0, 2**31),
    num_tasks=st.sampled_from([2, 3, 6]),
    num_params=st.sampled_from([2, 5, 20]),
)
def test_it_is_the_projected_mean(seed, num_tasks, num_params):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(num_tasks, num_params))
    mean = jacobian.mean(axis=0)
    multipliers, _ = optimize.nnls(jacobian.T, -mean)
    found = traced_weights(jacobian @ jacobian.T).numpy() @ jacobian
    np.testing.assert_allclose(found, mean + multipliers @ jacobian, atol=1e-5)


def test_without_conflict_it_is_the_preferred_mean():
    weights = traced_weights(np.eye(2, dtype="float32"), preference=[3, 1])
    np.testing.assert_allclose(weights, [0.75, 0.25])
