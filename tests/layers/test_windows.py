import numpy as np

from keras_mtl.layers.windows import places, windows


def test_windows_and_their_places():
    x = np.arange(5 * 4).reshape(1, 5, 4, 1)
    found = np.asarray(windows(x, 2))
    assert found.shape == (1, 2, 2, 2, 2, 1)
    np.testing.assert_array_equal(found[0, 1, :, 0, :, 0], [[8, 9], [12, 13]])
    np.testing.assert_array_equal(
        np.asarray(places(2))[:, 0, :, 0], [[0, 1], [2, 3]]
    )
