import keras
import numpy as np
import pytest

from keras_mtl.layers import MaxPoolingWithIndices, MaxUnpooling


def test_by_hand():
    y = np.array([[[[5.0], [6.0]]]], "float32")
    indices = np.array([[[[2], [1]]]], "int8")
    expected = [[0.0, 0.0, 0.0, 6.0], [5.0, 0.0, 0.0, 0.0]]
    np.testing.assert_array_equal(
        MaxUnpooling()([y, indices])[0, :, :, 0], expected
    )


def test_saved_and_loaded(tmp_path):
    image = keras.Input((6, 9, 2), name="image")
    y, indices = MaxPoolingWithIndices(3, name="pool")(image)
    z = MaxUnpooling(3, name="unpool")([y, indices])
    model = keras.Model(image, z)
    assert z.shape == (None, 6, 9, 2)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = np.random.default_rng(0).random((2, 6, 9, 2), "float32")
    np.testing.assert_array_equal(loaded(x), model(x))


def test_indices_of_another_shape():
    y = np.zeros((1, 2, 2, 1), "float32")
    with pytest.raises(ValueError, match="features and the indices"):
        MaxUnpooling()([y, np.zeros((1, 2, 3, 1), "int8")])
