import keras
import numpy as np
import tensorflow as tf

from keras_mtl.weightings import IMTLL


def test_weighted_losses_are_drawn_to_one():
    weighting = IMTLL()
    weighting.build_state(["a", "b"])
    losses = tf.constant([0.25, 4.0])
    optimizer = keras.optimizers.SGD(0.2)
    variables = weighting.trainable_variables
    optimizer.build(variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            total = weighting(losses)
        gradients = tape.gradient(total, [v.value for v in variables])
        optimizer.apply(gradients, variables)

    for _ in range(150):
        step()
    weighted = losses * weighting.task_weights(losses)
    np.testing.assert_allclose(weighted, [1, 1], rtol=1e-3)


def test_total_is_the_documented_form():
    weighting = IMTLL(init={"b": 1.0})
    weighting.build_state(["a", "b"])
    total = weighting(np.array([2.0, 3.0], "float32"))
    np.testing.assert_allclose(total, 2 + 3 * np.exp(1) - 1, rtol=1e-6)
