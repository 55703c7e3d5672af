import keras
import numpy as np
import tensorflow as tf

from keras_mtl.losses import TaskLoss, ValidMeanAbsoluteError

NUMBERS = np.random.default_rng(0)
DEPTH = NUMBERS.uniform(0.5, 9, (3, 4, 5, 1)).astype("float32")
DEPTH[0, :2] = 0
DEPTH[1, 3, 3] = np.nan
OUTPUTS = NUMBERS.normal(size=DEPTH.shape).astype("float32")
VALID = (DEPTH > 0)[..., 0]
ERRORS = np.abs(DEPTH - OUTPUTS)[..., 0]


def test_it_is_the_mean_over_pixels_with_a_depth():
    expected = ERRORS[VALID].mean()
    found = ValidMeanAbsoluteError()(DEPTH, OUTPUTS)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_weights_and_missing_pixels_together():
    weight = np.array([1, 0, 1], "float32")
    value = TaskLoss(ValidMeanAbsoluteError(), "a")(DEPTH, OUTPUTS, weight)
    kept = VALID & (weight > 0)[:, None, None]
    np.testing.assert_allclose(value.value, ERRORS[kept].mean(), rtol=1e-6)
    assert float(value.count) == kept.sum()


def test_no_depth_at_all_is_zero_without_gradient():
    outputs = tf.constant(OUTPUTS)
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        value = ValidMeanAbsoluteError()(np.zeros_like(DEPTH), outputs)
    assert float(value) == 0
    np.testing.assert_array_equal(tape.gradient(value, outputs), 0)


def test_plain_keras_trains_with_it():
    inputs = keras.Input((4, 5, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 1)(inputs))
    model.compile("sgd", ValidMeanAbsoluteError())
    found = model.evaluate(OUTPUTS, DEPTH, verbose=0)
    outputs = model.predict(OUTPUTS, verbose=0)
    expected = np.abs(DEPTH - outputs)[..., 0][VALID].mean()
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_it_comes_back_from_its_configuration():
    loss = ValidMeanAbsoluteError(reduction="sum")
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert isinstance(again, ValidMeanAbsoluteError)
    assert again.reduction == "sum"
