import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import SDMGrad, mgda_weights, sdmgrad_weights


def test_without_attraction_and_with_patience_it_is_mgda():
    jacobian = np.random.default_rng(0).normal(size=(4, 9))
    gram = jacobian @ jacobian.T
    start = tf.fill([4], tf.constant(0.25, "float64"))
    found = sdmgrad_weights(
        gram, start, attraction=0.0, num_steps=300, learning_rate=0.2
    )
    np.testing.assert_allclose(found, mgda_weights(gram), atol=1e-6)


def test_weights_go_on_from_step_to_step():
    aggregator = SDMGrad(num_steps=1, learning_rate=0.01, attraction=0.0)
    gram = np.diag([1.0, 100.0]).astype("float32")
    shares = [float(aggregator.task_weights(gram)[0]) for _ in range(20)]
    assert np.all(np.diff(shares) > 0)


def test_the_preference_is_mixed_in():
    aggregator = SDMGrad(preference=[1.0, 0.0], attraction=3.0)
    weights = np.asarray(aggregator.task_weights(np.eye(2, dtype="float32")))
    assert weights[0] >= 0.75
    np.testing.assert_allclose(weights.sum(), 1, rtol=1e-6)


@pytest.mark.parametrize("options", [{"num_steps": 0}, {"momentum": 1.0}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match=f"`{next(iter(options))}`"):
        SDMGrad(**options)
