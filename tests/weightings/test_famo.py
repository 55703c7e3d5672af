import numpy as np
import tensorflow as tf

from keras_mtl.weightings import FAMO, famo_weights


def test_weights_are_normalised_shares_over_losses():
    logits = np.array([0.0, np.log(3.0)], "float32")
    losses = np.array([1.0, 3.0], "float32")
    np.testing.assert_allclose(
        famo_weights(logits, losses), [0.5, 0.5], rtol=1e-6
    )


def test_the_task_that_falls_fastest_loses_weight():
    weighting = FAMO()
    weighting.build_state(["a", "b"])
    step = tf.function(weighting.update)
    for index in range(50):
        step(tf.constant([0.9**index, 0.99**index]))
    logits = np.asarray(weighting.logits)
    assert logits[0] < 0 < logits[1]


def test_extreme_losses_do_not_overflow():
    losses = np.array([1e-30, 1e30], "float32")
    weights = famo_weights(np.zeros(2, "float32"), losses)
    np.testing.assert_allclose(weights, [1, 0], atol=1e-6)
