import keras
import pytest
import tensorflow as tf

from keras_mtl.backend.substitution import substituted


def test_reads_assignments_and_optimizer_slots_go_to_the_stand_ins():
    own = keras.Variable([1.0, 2.0])
    optimizer = keras.optimizers.SGD(0.5, momentum=0.5)
    optimizer.build([own])
    slot = optimizer.momentums[0]
    others = [tf.Variable([10.0, 20.0]), tf.Variable([3.0, 4.0])]

    @tf.function
    def step(values):
        with substituted([own, slot], values):
            optimizer.apply([own * 2.0], [own])

    step(others)
    # momentum = 0.5 * slot - 0.5 * gradient
    assert others[1].numpy().tolist() == [-8.5, -18.0]
    assert others[0].numpy().tolist() == [1.5, 2.0]
    assert own.numpy().tolist() == [1.0, 2.0]
    assert slot.numpy().tolist() == [0.0, 0.0]


def test_variables_are_themselves_again_after_an_error():
    variable = keras.Variable(1.0)
    value = variable.value

    @tf.function
    def fail(other):
        with substituted([variable], [other]):
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail(tf.Variable(2.0))
    assert variable.value is value
