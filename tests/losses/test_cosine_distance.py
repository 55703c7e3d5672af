import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.losses import CosineDistance, TaskLoss

NUMBERS = np.random.default_rng(0)
LABELS = NUMBERS.normal(size=(2, 4, 5, 3)).astype("float32")
LABELS /= np.linalg.norm(LABELS, axis=-1, keepdims=True)
LABELS[0, 1] = 0
LABELS[1, 2, 3] = 0
OUTPUTS = 3 * NUMBERS.normal(size=(2, 4, 5, 3)).astype("float32")
VALID = np.abs(LABELS).sum(-1) > 0


def cosines():
    lengths = np.linalg.norm(OUTPUTS, axis=-1)
    return (LABELS * OUTPUTS).sum(-1) / lengths


def test_it_is_one_minus_the_mean_cosine_of_valid_vectors():
    expected = 1 - cosines()[VALID].mean()
    found = CosineDistance()(LABELS, OUTPUTS)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    value = TaskLoss(CosineDistance(), "a")(LABELS, OUTPUTS)
    np.testing.assert_allclose(value.value, expected, rtol=1e-5)
    assert float(value.count) == VALID.sum()


def test_a_vector_counts_where_it_is_valid_and_weighted():
    weight = NUMBERS.integers(0, 2, VALID.shape).astype("float32")
    value = TaskLoss(CosineDistance(), "a")(LABELS, OUTPUTS, weight)
    kept = VALID & (weight > 0)
    np.testing.assert_allclose(
        value.value, 1 - cosines()[kept].mean(), rtol=1e-5
    )
    assert float(value.count) == kept.sum()


def test_missing_vectors_and_zero_outputs_have_no_gradient():
    outputs = OUTPUTS.copy()
    outputs[0, 0] = 0
    labels = LABELS.copy()
    labels[~VALID] = np.nan
    variable = tf.Variable(outputs)
    with tf.GradientTape() as tape:
        value = CosineDistance()(labels, variable)
    gradient = tape.gradient(value, variable).numpy()
    assert np.isfinite(float(value))
    assert np.isfinite(gradient).all()
    np.testing.assert_array_equal(gradient[~VALID], 0)
    # Along a vector the cosine does not change.
    radial = (gradient[0, 2] * outputs[0, 2]).sum(-1)
    np.testing.assert_allclose(radial, 0, atol=1e-6)


@pytest.mark.parametrize("kind", [CosineDistance])
def test_it_comes_back_from_its_configuration(kind):
    loss = kind(reduction="sum")
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert isinstance(again, kind)
    assert again.reduction == "sum"
