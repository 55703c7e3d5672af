"""StopGradient: the identity, except to a tape."""

import keras
import numpy as np
import tensorflow as tf

from keras_mtl.layers import StopGradient


def test_values_pass_and_gradients_do_not():
    x = tf.Variable([[1.0, 2.0]])
    with tf.GradientTape() as tape:
        features = StopGradient()(x)
        total = tf.reduce_sum(features * x)
    np.testing.assert_array_equal(features, [[1.0, 2.0]])
    np.testing.assert_array_equal(tape.gradient(total, x), [[1.0, 2.0]])


def test_a_model_with_it_saves_and_loads(tmp_path):
    x = keras.Input((3,))
    model = keras.Model(x, StopGradient(name="stop")(x))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(loaded.get_layer("stop"), StopGradient)
    assert loaded.output.shape == (None, 3)
