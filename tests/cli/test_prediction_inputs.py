import numpy as np
import pytest
from PIL import Image

from keras_mtl.cli.prediction_inputs import read_input
from keras_mtl.errors import DataError

CARD = {"input_shape": [2, 3, 1], "scaling": {"mean": 0.5, "std": 0.25}}


def test_pixels_are_standardised_as_in_training(tmp_path):
    pixels = np.array([[0, 255, 51], [0, 0, 0]], np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    batch = read_input(tmp_path / "a.png", CARD)
    assert batch.shape == (1, 2, 3, 1)
    assert batch.dtype == np.float32
    np.testing.assert_allclose(batch[0, 0, :, 0], [-2.0, 2.0, -1.2], rtol=1e-6)


def test_floats_are_taken_as_they_are(tmp_path):
    values = np.arange(6.0).reshape(1, 2, 3, 1)
    np.save(tmp_path / "a.npy", values)
    np.testing.assert_array_equal(read_input(tmp_path / "a.npy", CARD), values)


def test_pixels_need_a_recorded_scaling(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((2, 3, 1), np.uint8))
    with pytest.raises(DataError, match="does not record how"):
        read_input(tmp_path / "a.npy", {**CARD, "scaling": None})


def test_images_need_a_model_of_images(tmp_path):
    Image.new("L", (3, 2)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="which is no image"):
        read_input(tmp_path / "a.png", {**CARD, "input_shape": [6]})
