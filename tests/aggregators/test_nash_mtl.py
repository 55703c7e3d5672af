import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.aggregators import NashMTL, nash_mtl_weights

traced_weights = tf.function(nash_mtl_weights)


@given(st.integers(0, 2**31), st.sampled_from([1e-10, 1.0, 1e8]))
def test_the_bargaining_equations_hold(seed, scale):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(4, 12)) * 10 ** rng.uniform(-3, 3, (4, 1))
    gram = (scale * jacobian) @ (scale * jacobian).T
    weights = traced_weights(gram).numpy()
    assert weights.min() > 0
    np.testing.assert_allclose(weights * (gram @ weights), 1, rtol=1e-6)


def test_preferences_are_bargaining_powers():
    gram = np.array([[2.0, -1.0], [-1.0, 3.0]])
    weights = traced_weights(gram, preference=[1.0, 4.0]).numpy()
    np.testing.assert_allclose(weights * (gram @ weights), [1, 4], rtol=1e-8)


def test_zero_gradients_do_not_play():
    gram = np.diag([4.0, 0.0]).astype("float32")
    np.testing.assert_allclose(traced_weights(gram), [0.5, 0], rtol=1e-6)


def test_the_update_is_at_most_as_long_as_asked():
    gram = np.eye(4, dtype="float32")
    for limit, expected in ((None, 1.0), (1.0, 0.5), (9.0, 1.0)):
        weights = NashMTL(max_norm=limit).task_weights(gram)
        np.testing.assert_allclose(weights, [expected] * 4, rtol=1e-6)


def test_weights_are_found_again_every_few_steps():
    aggregator = NashMTL(update_every=2, max_norm=None)
    aggregator.build_state(2, [])
    step = tf.function(aggregator.task_weights)
    one, four = tf.eye(2), 4 * tf.eye(2)
    found = [step(gram).numpy()[0] for gram in (one, four, four, one)]
    np.testing.assert_allclose(found, [1, 1, 0.5, 0.5], rtol=1e-6)


@pytest.mark.parametrize("options", [{"update_every": 0}, {"max_norm": -1.0}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match=f"`{next(iter(options))}` must be"):
        NashMTL(**options)
