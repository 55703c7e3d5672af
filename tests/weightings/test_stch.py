import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.weightings import STCH, stch_weights


def test_it_is_the_gradient_of_the_scalarisation():
    losses = tf.constant([0.5, 2.0, 1.0], "float64")
    nadir = tf.constant([1.0, 2.0, 4.0], "float64")
    with tf.GradientTape() as tape:
        tape.watch(losses)
        relative = tf.math.log(losses / nadir)
        total = 3 * 0.3 * tf.reduce_logsumexp(relative / 0.3)
    np.testing.assert_allclose(
        stch_weights(losses, nadir, mu=0.3),
        tape.gradient(total, losses),
        rtol=1e-9,
    )


def test_the_epoch_after_the_warmup_is_the_reference():
    weighting = STCH(mu=0.5, warmup_epochs=1, preference={"b": 2.0})
    weighting.build_state(["a", "b"])
    losses = np.array([2.0, 4.0], "float32")
    for epoch in range(2):
        np.testing.assert_allclose(
            weighting.task_weights(losses), [0.5, 0.25], rtol=1e-6
        )
        weighting.update(losses * (epoch + 1))
        weighting.on_epoch_end(epoch, {})
    expected = stch_weights(losses, np.array([4.0, 8.0 / 2], "float32"), mu=0.5)
    np.testing.assert_allclose(
        weighting.task_weights(losses), expected, rtol=1e-5
    )


def test_a_preference_of_zero_is_refused():
    with pytest.raises(ValueError, match="`preference` must be positive"):
        STCH(preference=0.0).build_state(["a"])
