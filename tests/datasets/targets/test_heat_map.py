import numpy as np
import tensorflow as tf

from keras_mtl.datasets.targets.heat_map import HeatMap
from keras_mtl.datasets.task_spec import TaskSpec


def test_a_gaussian_around_each_point():
    target = HeatMap(
        TaskSpec("fovea", "heatmap", 1), "point", "known", (5, 7), 2.0
    )
    fields = {
        "point": tf.constant([[2.0, 3.5], [0.0, 0.0]]),
        "known": tf.constant([True, False]),
    }
    maps, weights = target(fields)
    rows, columns = np.mgrid[:5, :7]
    expected = np.exp(-((rows - 2) ** 2 + (columns - 3.5) ** 2) / 4)
    np.testing.assert_allclose(maps[0, ..., 0], expected, rtol=1e-5)
    assert maps.shape == (2, 5, 7, 1)
    assert not maps[1].numpy().any()
    assert weights.numpy().mean(axis=(1, 2)).tolist() == [1, 0]
