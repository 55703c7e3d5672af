import numpy as np
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.weightings import gls_weights

losses_of_tasks = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=6)


@given(losses_of_tasks)
def test_it_is_the_gradient_of_the_geometric_mean(values):
    losses = tf.constant(values, "float64")
    with tf.GradientTape() as tape:
        tape.watch(losses)
        mean = tf.reduce_prod(losses) ** (1 / len(values))
    np.testing.assert_allclose(
        gls_weights(losses), tape.gradient(mean, losses), rtol=1e-9
    )


def test_a_zero_loss_is_left_out():
    weights = gls_weights(np.array([0.0, 1.0, 4.0], "float32"))
    np.testing.assert_allclose(weights, [0, 1, 0.25], rtol=1e-6)
