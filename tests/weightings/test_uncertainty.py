import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.weightings import Uncertainty


def built(**options):
    weighting = Uncertainty(**options)
    weighting.build_state(["a", "b"])
    return weighting


def test_total_at_the_start_is_the_plain_sum():
    assert float(built()(np.array([1.0, 2.5], "float32"))) == 3.5


def test_total_is_the_documented_form():
    weighting = built(init={"a": 1.0})
    total = weighting(np.array([2.0, 3.0], "float32"))
    np.testing.assert_allclose(total, 2 * np.exp(-1) + 0.5 + 3, rtol=1e-6)


def test_the_optimal_weight_is_half_the_inverse_loss():
    weighting = built()
    losses = tf.constant([0.25, 4.0])
    optimizer = keras.optimizers.SGD(0.3)
    variables = weighting.trainable_variables

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            total = weighting(losses)
        optimizer.apply(
            tape.gradient(total, [v.value for v in variables]), variables
        )

    optimizer.build(variables)
    for _ in range(200):
        step()
    np.testing.assert_allclose(
        weighting.task_weights(losses), 0.5 / losses, rtol=1e-4
    )


def test_absent_tasks_do_not_move_their_variance():
    weighting = built(init=1.0)
    present = np.array([True, False])
    with tf.GradientTape() as tape:
        weights = weighting.task_weights(tf.zeros(2), present)
        total = tf.reduce_sum(weights * tf.zeros(2))
        total = total + weighting.penalty(present)
    gradient = tape.gradient(
        total, [v.value for v in weighting.trainable_variables]
    )
    np.testing.assert_allclose(gradient, [0.5, 0.0])


def test_an_unknown_task_is_named():
    with pytest.raises(ValueError, match=r"does not have: \['c'\]"):
        built(init={"c": 1.0})
