import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import MoCo


def test_it_is_the_published_recursion():
    rng = np.random.default_rng(0)
    aggregator = MoCo(beta=0.5, gamma=0.1, rho=0.2, dtype="float64")
    aggregator.build_state(2, [(4,)])
    average, shares = np.zeros((2, 4)), np.full(2, 0.5)
    for step in range(1, 4):
        jacobian = rng.normal(size=(2, 4))
        average += 0.5 / step**0.5 * (jacobian - average)
        slope = average @ average.T @ shares + 0.2 * shares
        shares = shares - 0.1 / step**0.5 * slope
        # On two tasks the projection is a shift and a clip.
        first = np.clip((shares[0] - shares[1] + 1) / 2, 0, 1)
        shares = np.array([first, 1 - first])
        stack = aggregator.transform(tf.constant(jacobian), 0)
        np.testing.assert_allclose(stack, average, rtol=1e-9)
        gram = tf.matmul(stack, stack, transpose_b=True)
        found = aggregator.task_weights(gram)
        np.testing.assert_allclose(found, shares, rtol=1e-9)


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="`beta` must be above 0"):
        MoCo(beta=0.0)
    with pytest.raises(ValueError, match="`gamma` must be positive"):
        MoCo(gamma=-1.0)
