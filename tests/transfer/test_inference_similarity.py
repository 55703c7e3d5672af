"""A classifier as a detector of other classes."""

import keras
import numpy as np
import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.transfer import InferenceSimilarity


def test_the_f_scores_of_its_largest_output():
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Activation("linear")(inputs))
    images = np.array([[1.0, 0], [2, 1], [0, 1], [1, 3]], "float32")
    similarity = InferenceSimilarity(images, [0, 0, 0, 1], batch_size=3)
    found = similarity(model, ["a", "b"], ["x", "y"])
    np.testing.assert_allclose(found.matrix, [[4 / 5, 2 / 5], [0, 2 / 3]])
    assert found.class_types is None


def test_a_label_for_each_image():
    with pytest.raises(ValueError, match="2 images and 1 labels"):
        InferenceSimilarity(np.zeros((2, 3)), [0])


def test_images_that_the_source_does_not_read():
    model = keras.Sequential([keras.Input((None, 2)), keras.layers.ReLU()])
    similarity = InferenceSimilarity(np.zeros((1, 5, 3)), [0])
    message = r"shape \(None, 2\)\. Received: \(5, 3\)\. Resize"
    with pytest.raises(ConfigError, match=message):
        similarity(model, ["a", "b"], ["x"])
