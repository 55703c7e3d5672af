"""Training images that a similarity by inference looks at."""

import contextlib
from types import SimpleNamespace

import numpy as np
import pytest

from keras_mtl.config.class_similarity import labelled_images
from keras_mtl.errors import ConfigError

BATCHES = [
    ({"image": np.array([[1.0], [2.0]])}, {"a": [0, 1]}, {"a": [1.0, 0.0]}),
    ({"image": np.array([[3.0], [4.0]])}, {"b": [0, 1]}, {"b": [1.0, 1.0]}),
    ({"image": np.array([[5.0], [6.0]])}, {"a": [2, 3]}, {"a": [1.0, 1.0]}),
]


def data(batches):
    return SimpleNamespace(
        reading=contextlib.nullcontext,
        train=SimpleNamespace(dataset=lambda: iter(batches)),
    )


def test_only_samples_with_a_label_of_the_task():
    images, labels = labelled_images(data(BATCHES), "a", 10)
    np.testing.assert_array_equal(images, [[1.0], [5.0], [6.0]])
    np.testing.assert_array_equal(labels, [0, 2, 3])


def test_no_more_than_asked_for():
    images, labels = labelled_images(data(BATCHES), "a", 2)
    assert images.tolist() == [[1.0], [5.0]]
    assert labels.tolist() == [0, 2]


def test_an_input_without_a_name_and_samples_without_weights():
    batches = [(np.array([[1.0], [2.0]]), {"a": [1, 0]})]
    images, labels = labelled_images(data(batches), "a", 9)
    assert images.tolist() == [[1.0], [2.0]]
    assert labels.tolist() == [1, 0]


def test_nothing_labelled():
    with pytest.raises(ConfigError, match=r"no training image .* 'c'"):
        labelled_images(data(BATCHES), "c", 2)


def test_two_inputs():
    batches = [({"x": np.ones((1, 1)), "z": np.ones((1, 1))}, {"a": [0]})]
    with pytest.raises(
        ConfigError, match=r"one input\. Received: \['x', 'z'\]"
    ):
        labelled_images(data(batches), "a", 2)
