import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.weightings import PBI, pbi_weights


def test_it_is_the_gradient_of_the_scalarisation():
    losses = tf.constant([0.5, 2.0, 1.0], "float64")
    ray = tf.constant([1.0, 2.0, 1.0], "float64")
    with tf.GradientTape() as tape:
        tape.watch(losses)
        unit = ray / tf.norm(ray)
        along = tf.reduce_sum(losses * unit)
        total = abs(along) + 2.0 * tf.norm(losses - along * unit)
    np.testing.assert_allclose(
        pbi_weights(losses, ray, theta=2.0),
        tape.gradient(total, losses),
        rtol=1e-9,
    )


def test_on_the_ray_only_the_length_counts():
    weights = pbi_weights(np.full(2, 3.0), np.ones(2))
    np.testing.assert_allclose(weights, [0.5**0.5] * 2, rtol=1e-6)


def test_a_negative_penalty_is_refused():
    with pytest.raises(ValueError, match="`theta` must be at least 0"):
        PBI(theta=-1.0)
