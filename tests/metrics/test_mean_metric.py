import numpy as np

from keras_mtl.metrics import AbsoluteError, RelativeError

DEPTH = np.array([2.0, 0.0, 4.0], "float32").reshape(1, 3, 1, 1)
OUTPUTS = np.array([3.0, 9.0, 2.0], "float32").reshape(1, 3, 1, 1)


def test_missing_pixels_do_not_count():
    for kind, expected in ((AbsoluteError, 1.5), (RelativeError, 0.5)):
        metric = kind()
        metric.update_state(DEPTH, OUTPUTS)
        assert float(metric.result()) == expected


def test_weights_that_are_not_binary_weigh():
    metric = AbsoluteError()
    weight = np.array([3.0, 5.0, 1.0]).reshape(1, 3, 1)
    metric.update_state(DEPTH, OUTPUTS, weight)
    assert float(metric.result()) == (3 * 1 + 1 * 2) / 4


def test_without_labels_it_is_undefined():
    metric = AbsoluteError()
    metric.update_state(np.zeros_like(DEPTH), OUTPUTS)
    assert np.isnan(float(metric.result()))
