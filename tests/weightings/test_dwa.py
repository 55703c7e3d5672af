import numpy as np
import pytest

from keras_mtl.weightings import DWA


def test_weights_follow_the_ratio_of_epoch_means():
    weighting = DWA(temperature=2.0)
    weighting.build_state(["a", "b"])
    epochs = [[[4.0, 2.0], [2.0, 2.0]], [[1.0, 1.0], [2.0, 3.0]]]
    for epoch, batches in enumerate(epochs):
        for losses in batches:
            losses = np.array(losses, "float32")
            np.testing.assert_allclose(weighting.task_weights(losses), [1, 1])
            weighting.update(losses)
        weighting.on_epoch_end(epoch, {})
    ratios = np.array([1.5 / 3.0, 2.0 / 2.0])
    expected = 2 * np.exp(ratios / 2) / np.exp(ratios / 2).sum()
    np.testing.assert_allclose(
        weighting.task_weights(losses), expected, rtol=1e-6
    )


def test_a_temperature_of_zero_is_refused():
    with pytest.raises(ValueError, match="must be positive"):
        DWA(temperature=0.0)
