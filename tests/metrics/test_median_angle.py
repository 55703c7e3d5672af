import numpy as np
import pytest

from keras_mtl.metrics import MedianAngle


def rotated(degrees):
    radians = np.radians(np.asarray(degrees, float))
    zero = np.zeros_like(radians)
    return np.stack([np.sin(radians), zero, np.cos(radians)], -1)


@pytest.mark.parametrize("off", [[0.0], [180.0], [1, 2, 90], [7, 7, 7, 120]])
def test_it_is_the_median_to_half_a_bin(off):
    metric = MedianAngle()
    metric.update_state(rotated(np.zeros(len(off))), rotated(off))
    median = np.sort(off)[(len(off) - 1) // 2]
    assert float(metric.result()) == pytest.approx(median, abs=0.0052)


def test_it_is_no_mean_of_medians():
    metric = MedianAngle()
    for off in ([1.0], [2.0], [60.0, 61.0, 62.0, 63.0]):
        metric.update_state(rotated(np.zeros(len(off))), rotated(off))
    assert float(metric.result()) == pytest.approx(60, abs=0.0052)


def test_without_labels_it_is_undefined():
    metric = MedianAngle()
    metric.update_state(np.zeros((2, 3)), rotated([1, 2]))
    assert np.isnan(float(metric.result()))
