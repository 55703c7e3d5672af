import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from keras_mtl.metrics.outcomes import are_classes, by_image, count_outcomes

NUMBERS = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("labels", "outputs", "classes"),
    [
        ((4,), (4, 3), True),
        ((4, 1), (4, 3), True),
        ((4, 5, 6), (4, 5, 6, 3), True),
        ((4, 3), (4, 3), False),
        ((4,), (4, 1), False),
        ((4, 5, 6, 1), (4, 5, 6, 1), False),
    ],
)
def test_labels_of_classes_and_of_maps_are_told_apart(labels, outputs, classes):
    assert are_classes(np.zeros(labels), np.zeros(outputs)) is classes


def test_classes_are_counted_image_by_image():
    labels = NUMBERS.integers(0, 3, (4, 5, 6))
    outputs = NUMBERS.normal(size=(4, 5, 6, 3)).astype("float32")
    weight = NUMBERS.integers(0, 3, (4, 5, 6)).astype("float32")
    found = count_outcomes(labels[..., None], outputs, weight, 0.0)
    for image in range(4):
        matrix = confusion_matrix(
            labels[image].ravel(),
            outputs[image].argmax(-1).ravel(),
            sample_weight=weight[image].ravel(),
            labels=range(3),
        )
        expected = (matrix.diagonal(), matrix.sum(1), matrix.sum(0))
        for part, values in zip(found, expected, strict=False):
            np.testing.assert_array_equal(part[image], values)
        np.testing.assert_array_equal(found.total[image], matrix.sum())


@pytest.mark.parametrize("unknown", [-1, 3, 255])
def test_unknown_ids_have_no_label(unknown):
    outputs = NUMBERS.normal(size=(5, 3)).astype("float32")
    found = count_outcomes(np.array([0, unknown, 1, 2, 2]), outputs, None, 0.0)
    alone = count_outcomes(
        np.array([0, 1, 2, 2]), outputs[[0, 2, 3, 4]], None, 0.0
    )
    for one, other in zip(found, alone, strict=True):
        np.testing.assert_array_equal(one, other)
    assert found.total[0, 0] == 4


def test_a_weight_for_each_map_and_a_threshold():
    labels = np.array([[1, np.nan], [0, 1]], "float32")
    outputs = np.array([[0.6, 0.9], [0.4, 0.3]], "float32")
    weight = np.array([[1, 0], [1, 1]], "float32")
    found = count_outcomes(labels, outputs, weight, 0.5)
    expected = [[[1, 0]], [[1, 1]], [[1, 0]], [[2, 1]]]
    np.testing.assert_array_equal(found, expected)


def test_labels_of_one_output_may_lack_their_axis():
    found = count_outcomes(
        np.array([1, 0, 1]), np.array([[2.0], [1.0], [-1.0]]), None, 0.0
    )
    np.testing.assert_array_equal(found, [[[1]], [[2]], [[2]], [[3]]])


@pytest.mark.parametrize(
    ("shape", "channels", "flat"),
    [
        ((4,), None, (1, 4)),
        ((4, 5, 6), None, (4, 30)),
        ((4, 3), 3, (1, 4, 3)),
        ((4, 5, 6, 3), 3, (4, 30, 3)),
    ],
)
def test_samples_without_pixels_are_one_image(shape, channels, flat):
    values = np.arange(np.prod(shape)).reshape(shape)
    found = by_image(values, channels)
    np.testing.assert_array_equal(found, values.reshape(flat))
