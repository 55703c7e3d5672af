import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.weightings.dirichlet import dirichlet


def draws(alpha, number):
    seed = keras.random.SeedGenerator(0)
    alpha = tf.constant(alpha, "float64")

    @tf.function
    def many():
        return tf.map_fn(
            lambda _: dirichlet(alpha, seed),
            tf.range(number),
            fn_output_signature=alpha.dtype,
        )

    return many().numpy()


@pytest.mark.parametrize("alpha", [[0.3, 0.9, 1.8], [4.0, 1.0, 1.0]])
def test_means_and_variances_are_those_of_the_distribution(alpha):
    found = draws(alpha, 4000)
    np.testing.assert_allclose(found.sum(1), 1.0, rtol=1e-9)
    assert found.min() >= 0
    mean = np.array(alpha) / sum(alpha)
    variance = mean * (1.0 - mean) / (sum(alpha) + 1.0)
    np.testing.assert_allclose(found.mean(0), mean, atol=0.02)
    np.testing.assert_allclose(found.var(0), variance, rtol=0.1)


def test_tiny_parameters_give_corners():
    found = draws([1e-4, 1e-4], 50)
    np.testing.assert_allclose(found.max(1), 1.0, atol=1e-3)
    assert 0 < found[:, 0].round().mean() < 1
