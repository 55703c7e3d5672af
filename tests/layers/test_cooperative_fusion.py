"""CooperativeFusion: all are read, one is trained."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.layers import CooperativeFusion


def features():
    return {
        "right": tf.Variable([[3.0, 4.0, 5.0]]),
        "left": tf.Variable([[1.0, 2.0]]),
    }


@pytest.mark.parametrize("task", ["left", "right"])
def test_the_order_is_that_of_the_names_whoever_reads(task):
    fused = CooperativeFusion(task)(features())
    np.testing.assert_array_equal(fused, [[1.0, 2.0, 3.0, 4.0, 5.0]])


@pytest.mark.parametrize("stop", [True, False])
def test_gradients_reach_the_reader_alone_unless_coupled(stop):
    given = features()
    layer = CooperativeFusion("left", stop_gradients=stop)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(given))
    found = tape.gradient(total, given)
    np.testing.assert_array_equal(found["left"], [[1.0, 1.0]])
    assert (found["right"] is None) == stop


def test_shape_and_configuration_survive():
    layer = CooperativeFusion("a", stop_gradients=False, axis=1, name="f")
    copy = CooperativeFusion.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    shapes = {"a": (None, 2, 4), "b": (None, 3, 4)}
    assert copy.compute_output_shape(shapes) == (None, 5, 4)
    shapes["b"] = (None, None, 4)
    assert copy.compute_output_shape(shapes) == (None, None, 4)


def test_symbolic_and_actual_shapes_agree():
    inputs = {t: keras.Input((4, 4, 2), name=t) for t in "abc"}
    fused = CooperativeFusion("b")(inputs)
    values = {t: np.zeros((1, 4, 4, 2), "float32") for t in "abc"}
    assert fused.shape[1:] == keras.Model(inputs, fused)(values).shape[1:]


@pytest.mark.parametrize(
    "given", [{"right": tf.zeros((1, 2))}, tf.zeros((1, 2))]
)
def test_a_reader_without_features_is_refused(given):
    with pytest.raises(ValueError, match=r"with the key 'left'"):
        CooperativeFusion("left")(given)
