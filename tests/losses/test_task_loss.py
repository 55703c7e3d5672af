import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from keras_mtl.losses import TaskLoss
from keras_mtl.losses.task_loss import labelled

NUMBERS = np.random.default_rng(0)
LOGITS = NUMBERS.normal(size=(6, 3)).astype("float32")
CLASSES = np.array([0, 2, 1, 1, 0, 2])
WEIGHTS = st.sampled_from([0.0, 0.5, 1.0, 3.0])


def cross_entropy(logits, classes):
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    odds = shifted / shifted.sum(-1, keepdims=True)
    return -np.log(np.take_along_axis(odds, classes[..., None], -1)[..., 0])


def sparse(reduction="sum_over_batch_size"):
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction=reduction
    )


def test_without_weights_it_is_the_loss_of_keras():
    value = TaskLoss(sparse(), "a")(CLASSES, LOGITS)
    np.testing.assert_allclose(value.value, sparse()(CLASSES, LOGITS))
    assert float(value.count) == 6


@pytest.mark.parametrize("missing", [-1, 255])
def test_labels_out_of_range_are_left_out_where_the_weight_is_zero(missing):
    classes = CLASSES.copy()
    classes[[1, 4]] = missing
    weight = np.array([1, 0, 1, 1, 0, 1], "float32")
    value = TaskLoss(sparse(), "a")(classes, LOGITS, weight)
    keep = weight > 0
    expected = cross_entropy(LOGITS[keep], CLASSES[keep]).mean()
    np.testing.assert_allclose(value.value, expected, rtol=1e-6)
    assert float(value.count) == 4


def test_nan_labels_leave_loss_and_gradient_clean():
    labels = np.array([[1.0], [np.nan], [3.0]], "float32")
    weight = np.array([1, 0, 1], "float32")
    outputs = tf.constant([[0.0], [5.0], [1.0]])
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        value = TaskLoss("mse", "a")(labels, outputs, weight).value
    assert float(value) == (1 + 4) / 2
    np.testing.assert_allclose(
        tape.gradient(value, outputs), [[-1.0], [0.0], [-2.0]]
    )


@pytest.mark.parametrize(
    "reduction", ["sum", "sum_over_batch_size", "mean_with_sample_weight"]
)
def test_no_label_at_all_is_zero_without_gradient(reduction):
    loss = TaskLoss(keras.losses.MeanSquaredError(reduction=reduction), "a")
    outputs = tf.constant([[1.0], [2.0]])
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        value = loss(np.full((2, 1), np.nan), outputs, np.zeros(2))
    assert float(value.value) == 0
    assert float(value.count) == 0
    np.testing.assert_array_equal(tape.gradient(value.value, outputs), 0)


@given(arrays("float32", (6,), elements=WEIGHTS))
def test_weights_that_are_not_binary(weight):
    each, valid = cross_entropy(LOGITS, CLASSES), weight > 0
    total = (weight * each).sum()
    expected = {
        "sum": (total, valid.sum()),
        "sum_over_batch_size": (total / max(valid.sum(), 1), valid.sum()),
        "mean_with_sample_weight": (
            total / (weight.sum() or 1),
            weight.sum(),
        ),
    }
    for reduction, (value, count) in expected.items():
        found = TaskLoss(sparse(reduction), "a")(CLASSES, LOGITS, weight)
        np.testing.assert_allclose(found.value, value, rtol=1e-5)
        np.testing.assert_allclose(found.count, count)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum"])
@pytest.mark.parametrize("width", [4, 5])
def test_a_weight_per_sample_on_a_dense_loss(reduction, width):
    """With `width` equal to the batch Keras would align it with the width."""
    logits = NUMBERS.normal(size=(4, 3, width, 2)).astype("float32")
    classes = NUMBERS.integers(0, 2, (4, 3, width))
    weight = np.array([1, 0, 2, 0], "float32")
    found = TaskLoss(sparse(reduction), "a")(classes, logits, weight)
    each = cross_entropy(logits, classes)
    total = each[0].sum() + 2 * each[2].sum()
    count = 2 * 3 * width
    expected = total if reduction == "sum" else total / count
    np.testing.assert_allclose(found.value, expected, rtol=1e-5)
    assert float(found.count) == count


@pytest.mark.parametrize("last", [(), (1,)])
def test_a_weight_per_pixel(last):
    logits = NUMBERS.normal(size=(2, 3, 3, 4)).astype("float32")
    classes = NUMBERS.integers(0, 4, (2, 3, 3))
    weight = NUMBERS.integers(0, 2, (2, 3, 3)).astype("float32")
    classes[weight == 0] = 255
    found = TaskLoss(sparse(), "a")(
        classes.reshape(2, 3, 3, *last), logits, weight.reshape(2, 3, 3, *last)
    )
    classes[weight == 0] = 0
    each = cross_entropy(logits, classes)[weight > 0]
    np.testing.assert_allclose(found.value, each.mean(), rtol=1e-5)
    assert float(found.count) == weight.sum()


@given(st.integers(1, 5), arrays("bool", (6,)))
def test_the_mean_over_batches_does_not_depend_on_how_they_are_cut(cut, valid):
    loss, weight = TaskLoss(sparse(), "a"), valid.astype("float32")
    parts = [
        loss(CLASSES[part], LOGITS[part], weight[part])
        for part in (slice(0, cut), slice(cut, 6))
    ]
    whole = loss(CLASSES, LOGITS, weight)
    total = sum(float(part.value * part.count) for part in parts)
    np.testing.assert_allclose(
        total, float(whole.value * whole.count), rtol=1e-5
    )
    assert sum(float(p.count) for p in parts) == float(whole.count)


def test_functions_get_labels_in_the_dtype_of_the_loss():
    def gap(y_true, y_pred):
        return y_true - y_pred

    found = TaskLoss(gap, "a")(tf.constant([3, 5]), tf.constant([1.0, 1.0]))
    assert float(found.value) == 3.0


def test_double_precision_is_kept():
    loss = TaskLoss("mse", "a", "float64")
    labels, outputs = np.array([[1 / 3]]), np.array([[1e-9]])
    value = loss(labels, outputs, np.array([1.0])).value
    assert float(value) == (1 / 3 - 1e-9) ** 2


def test_a_weight_with_too_many_axes_is_refused():
    loss = TaskLoss(lambda y, p: tf.reduce_mean((y - p) ** 2), "left")
    with pytest.raises(ValueError, match=r"task 'left'.*at most the 0 axes"):
        loss(np.zeros((2, 1), "float32"), np.zeros((2, 1), "float32"), [1, 0])


def test_no_reduction_is_refused():
    with pytest.raises(ValueError, match=r"task 'a'.*reduction=None"):
        TaskLoss(keras.losses.MeanSquaredError(reduction=None), "a")


def test_labelled_replaces_what_has_no_label():
    labels = np.array([[1.0, np.nan], [np.nan, 2.0]])
    np.testing.assert_array_equal(
        labelled(labels, np.array([1, 0]))[1], [0.0, 0.0]
    )
    np.testing.assert_array_equal(
        labelled(labels, np.array([[1, 0], [0, 1]])), [[1, 0], [0, 2]]
    )
