import numpy as np

from keras_mtl.layers.windows import windows


def test_places_of_the_windows():
    x = np.arange(5 * 4).reshape(1, 5, 4, 1)
    found = [np.asarray(cell)[0, :, :, 0].tolist() for cell in windows(x, 2)]
    assert found == [
        [[0, 2], [8, 10]],
        [[1, 3], [9, 11]],
        [[4, 6], [12, 14]],
        [[5, 7], [13, 15]],
    ]
