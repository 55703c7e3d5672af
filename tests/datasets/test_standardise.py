import numpy as np

from keras_mtl.datasets.standardise import Standardise


def test_pixels_become_standard_scores():
    pixels = np.array([[0, 51, 255]], np.uint8)
    result = Standardise(mean=0.2, std=0.5)(pixels).numpy()
    np.testing.assert_allclose(result, [[-0.4, 0.0, 1.6]], atol=1e-6)
    assert result.dtype == np.float32


def test_the_default_is_a_fraction_of_the_maximum():
    result = Standardise(maximum=16.0)(np.array([0, 4, 16], np.uint8))
    np.testing.assert_array_equal(result, [0.0, 0.25, 1.0])
