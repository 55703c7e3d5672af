import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.weightings import COSMOS, cosmos_weights


def test_it_is_the_gradient_of_the_scalarisation():
    losses = tf.constant([0.5, 2.0, 1.0], "float64")
    ray = tf.constant([0.25, 0.5, 0.25], "float64")
    with tf.GradientTape() as tape:
        tape.watch(losses)
        product = tf.reduce_sum(ray * losses)
        cosine = product / (tf.norm(ray) * tf.norm(losses))
        total = product - 2.0 * cosine
    np.testing.assert_allclose(
        cosmos_weights(losses, 4 * ray, pull=2.0),
        tape.gradient(total, losses),
        rtol=1e-9,
    )


def test_absent_tasks_have_no_part():
    present = np.array([True, True, False])
    losses, ray = np.array([1.0, 3.0, 9.0]), np.array([1.0, 2.0, 5.0])
    np.testing.assert_allclose(
        cosmos_weights(losses, ray, present)[:2],
        cosmos_weights(losses[:2], ray[:2]),
    )


def test_a_negative_pull_is_refused():
    with pytest.raises(ValueError, match="`pull` must be at least 0"):
        COSMOS(pull=-1.0)
