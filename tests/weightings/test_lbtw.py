import numpy as np
import pytest

from keras_mtl.weightings import LBTW


@pytest.mark.parametrize("reference", ["epoch", "run"])
def test_weights_follow_the_loss_since_its_start(reference):
    weighting = LBTW(alpha=0.5, reference=reference)
    weighting.build_state(["a", "b"])
    first = np.array([4.0, 1.0], "float32")
    np.testing.assert_allclose(weighting.task_weights(first), [1, 1])
    weighting.update(first)
    later = np.array([1.0, 0.25], "float32")
    np.testing.assert_allclose(weighting.task_weights(later), [0.5, 0.5])
    weighting.update(later)
    weighting.on_epoch_end(0, {})
    expected = [1, 1] if reference == "epoch" else [0.5, 0.5]
    np.testing.assert_allclose(weighting.task_weights(later), expected)


def test_a_negative_exponent_is_refused():
    with pytest.raises(ValueError, match="`alpha` must be at least 0"):
        LBTW(alpha=-1.0)
