import numpy as np

from keras_mtl.weightings import log_weights


def test_weights_are_inverse_losses():
    losses = np.array([0.5, 4.0, 0.0], "float32")
    np.testing.assert_allclose(log_weights(losses), [2, 0.25, 0])


def test_absent_tasks_have_no_weight():
    present = np.array([True, False])
    losses = np.array([2.0, 2.0], "float32")
    np.testing.assert_allclose(log_weights(losses, present), [0.5, 0])
