import numpy as np

from keras_mtl.metrics import FoveaDistance

LABEL = np.zeros((1, 9, 9, 1), "float32")
LABEL[0, 2, 6] = 1


def test_a_flat_map_points_to_the_middle():
    metric = FoveaDistance()
    metric.update_state(LABEL, np.full_like(LABEL, 0.3))
    np.testing.assert_allclose(metric.result(), np.hypot(2, 2), rtol=1e-6)


def test_background_and_sign_do_not_matter():
    metric = FoveaDistance()
    metric.update_state(LABEL, LABEL[:, ::-1] - 5)
    np.testing.assert_allclose(metric.result(), 4, rtol=1e-6)


def test_a_published_map_without_mass_is_undefined():
    metric = FoveaDistance(published=True)
    metric.update_state(LABEL, np.zeros_like(LABEL))
    assert np.isnan(float(metric.result()))


def test_several_maps_are_averaged():
    labels = np.concatenate([LABEL, LABEL], -1)
    outputs = np.concatenate([LABEL, LABEL[:, ::-1]], -1)
    metric = FoveaDistance()
    metric.update_state(labels, outputs)
    np.testing.assert_allclose(metric.result(), 2, rtol=1e-6)
