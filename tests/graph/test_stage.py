import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.graph.stage import Stage


def test_a_list_of_one_stays_a_list():
    x = keras.Input((3,), name="x")
    y = layers.Dense(2)(x)
    data = np.ones((1, 3), "float32")
    (output,) = Stage(x, [y])(data)
    np.testing.assert_array_equal(output, Stage(x, y)(data))
    (symbolic,) = Stage(x, [y])(x)
    assert symbolic.shape == (None, 2)


def test_a_mask_of_the_input_does_not_reach_the_output():
    words = keras.Input((4,), dtype="int32", name="words")
    vectors = layers.Embedding(5, 2, mask_zero=True)(words)
    code = layers.GRU(3)
    outer = keras.Input((4, 2), name="vectors")
    plain, stage = (kind(outer, code(outer)) for kind in (keras.Model, Stage))
    embed = keras.Model(words, vectors)(np.array([[1, 2, 0, 0]]))
    assert embed._keras_mask.shape == (1, 4)
    with pytest.warns(UserWarning, match="does not support masking"):
        expected = plain(embed)
    output = stage(embed)
    assert not hasattr(output, "_keras_mask")
    np.testing.assert_array_equal(output, expected)
