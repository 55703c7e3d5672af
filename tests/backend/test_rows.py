import keras
import numpy as np
import tensorflow as tf

from keras_mtl.backend.rows import (
    added,
    gradients_of,
    loss_scale,
    stack_columns,
)


def test_gradients_of_tensors_come_first_and_may_be_missing():
    used, unused = keras.Variable([1.0, 2.0]), keras.Variable([3.0])
    tensor = tf.constant(5.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(tensor)
        target = tensor**2 + tf.reduce_sum(used.value)
    found = gradients_of(tape, target, [used, unused], [tensor])
    assert [
        source is wanted
        for (_, source), wanted in zip(
            found, [tensor, used, unused], strict=True
        )
    ] == [True] * 3
    np.testing.assert_allclose(found[0][0], 10.0)
    np.testing.assert_allclose(found[1][0], [1.0, 1.0])
    assert found[2][0] is None


def test_a_task_without_a_gradient_has_zeros():
    ones = tf.ones(2)
    found = stack_columns([[ones, None], [None, ones]], [ones, ones])
    np.testing.assert_array_equal(found[0], [[1, 1], [0, 0]])
    np.testing.assert_array_equal(found[1], [[0, 0], [1, 1]])


def test_missing_gradients_add_nothing():
    one = tf.ones(2)
    assert added(None, None) is None
    assert added(one, None) is one
    assert added(None, one) is one
    np.testing.assert_array_equal(added(one, one), [2, 2])


def test_the_scale_is_that_of_the_optimizer():
    inner = keras.optimizers.SGD()
    assert loss_scale(inner) is None
    assert loss_scale(keras.optimizers.SGD(loss_scale_factor=8.0)) == 8.0
    scaled = keras.optimizers.LossScaleOptimizer(inner, initial_scale=16.0)
    scaled.build([keras.Variable([1.0])])
    assert float(loss_scale(scaled)) == 16.0
