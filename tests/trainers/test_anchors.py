"""Anchors move when it is time, and know their variables."""

import keras
import numpy as np
import pytest

from keras_mtl.trainers.anchors import Anchors


def anchored():
    owner = keras.layers.Layer()
    variables = [keras.Variable([1.0, 2.0]), keras.Variable([[3.0]])]
    anchors = Anchors()
    for variable in variables:
        anchors.add(variable, owner.add_weight)
    return owner, variables, anchors


def test_they_start_where_the_variables_are_and_move_when_due():
    owner, variables, anchors = anchored()
    variables[0].assign([5.0, 6.0])
    first, second = anchors.of(variables)
    np.testing.assert_array_equal(first.numpy(), [1.0, 2.0])
    np.testing.assert_array_equal(second.numpy(), [[3.0]])
    anchors.move(keras.ops.convert_to_tensor(False))
    np.testing.assert_array_equal(first.numpy(), [1.0, 2.0])
    anchors.move(keras.ops.convert_to_tensor(True))
    np.testing.assert_array_equal(first.numpy(), [5.0, 6.0])
    assert len(owner.non_trainable_weights) == 2


def test_without_any_there_is_none():
    assert Anchors().of([keras.Variable([1.0])]) is None


def test_a_variable_without_an_anchor_is_refused():
    _, _, anchors = anchored()
    with pytest.raises(ValueError, match=r"trainable since\. Make a new"):
        anchors.of([keras.Variable([1.0])])
