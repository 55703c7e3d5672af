import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.backend.movement import Movement, distance


def variables():
    return [
        keras.Variable(np.zeros(shape, "float32"), name=f"w{index}")
        for index, shape in enumerate([(2,), (1, 1)])
    ]


def test_distances_are_of_all_tensors_as_one_vector():
    ones = [np.array([3.0, 0.0]), np.array([[0.0]])]
    others = [np.array([0.0, 0.0]), np.array([[4.0]])]
    assert float(distance(ones, others)) == 5.0
    assert distance(ones, ones).dtype == "float64"


@pytest.mark.parametrize("graph", [False, True])
def test_a_way_there_and_back(graph):
    w, v = followed = variables()
    other = keras.Variable(np.zeros(3, "float32"), name="other")
    movement = Movement(followed)

    def step(shift):
        before = movement.moved_by([other, v, w])
        w.assign_add([3 * shift, 0 * shift])
        v.assign_add([[4 * shift]])
        other.assign_add([shift, shift, shift])
        movement.add(before)

    step = tf.function(step) if graph else step
    movement.begin()
    for shift in (1.0, 1.0, -2.0, 0.5):
        step(tf.constant(shift))
    assert float(movement.total) == pytest.approx(5 + 5 + 10 + 2.5)
    assert movement.shortest() == pytest.approx(2.5)
    step(tf.constant(0.0))
    assert int(movement.steps) == 4  # standing still is no step


def test_a_step_of_what_is_not_followed_adds_nothing():
    movement = Movement(variables())
    movement.add(movement.moved_by([keras.Variable(np.zeros(2), name="x")]))
    assert (float(movement.total), int(movement.steps)) == (0.0, 0)


def test_it_begins_once():
    (w, _) = followed = variables()
    movement = Movement(followed)
    movement.begin()
    w.assign([3.0, 4.0])
    movement.begin()
    assert movement.shortest() == 5.0


def test_short_steps_do_not_vanish_beside_a_long_way():
    (w, _) = followed = variables()
    movement = Movement(followed)
    movement.total.assign(1e8)
    before = movement.moved_by([w])
    w.assign([1.0, 0.0])
    movement.add(before)
    assert float(movement.total) == 1e8 + 1
