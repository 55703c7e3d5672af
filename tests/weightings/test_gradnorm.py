import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.weightings import GradNorm, gradnorm_slope


def test_slope_is_that_of_the_published_loss():
    weights = tf.constant([0.5, 1.5, 1.0], "float64")
    norms = tf.constant([4.0, 1.0, 2.0], "float64")
    progress = tf.constant([0.2, 0.9, 0.4], "float64")
    with tf.GradientTape() as tape:
        tape.watch(weights)
        rate = progress / tf.reduce_mean(progress)
        target = tf.reduce_mean(weights * norms) * rate**1.5
        loss = tf.reduce_sum(abs(weights * norms - tf.stop_gradient(target)))
    np.testing.assert_allclose(
        gradnorm_slope(weights, norms, progress),
        tape.gradient(loss, weights),
        rtol=1e-9,
    )


def test_weights_equalise_the_gradients_of_equally_fast_tasks():
    weighting = GradNorm(learning_rate=0.01)
    weighting.build_state(["a", "b"])
    losses = tf.ones(2)
    gram = tf.constant([[9.0, 0.0], [0.0, 1.0]])
    step = tf.function(lambda: weighting.update(losses, None, gram))
    for _ in range(400):
        step()
    weights = weighting.task_weights(losses).numpy()
    np.testing.assert_allclose(weights.sum(), 2, rtol=1e-5)
    np.testing.assert_allclose(weights * [3, 1], [1.5, 1.5], rtol=0.05)


def test_a_step_without_gradients_is_refused():
    weighting = GradNorm()
    weighting.build_state(["a", "b"])
    with pytest.raises(ValueError, match="gram=None"):
        weighting.update(np.ones(2, "float32"))
