import keras
import numpy as np
import pytest

from keras_mtl.layers import SelectTasks, TaskIds, TileTasks

X = np.arange(12).reshape(3, 4)


def test_tiled_labelled_and_selected():
    tiled = TileTasks(3)(X)
    np.testing.assert_array_equal(tiled, np.concatenate([X, X, X]))
    ids = TaskIds([5, 0, 2])(tiled)
    np.testing.assert_array_equal(ids, np.repeat([5, 0, 2], 3))
    found = SelectTasks(3, [2, 0])(ids)
    np.testing.assert_array_equal(found, np.repeat([2, 5], 3))


def test_shapes_and_dtypes():
    tiled = TileTasks(2)(keras.Input((4,), batch_size=3, dtype="uint8"))
    assert (tiled.shape, tiled.dtype) == ((6, 4), "uint8")
    ids = TaskIds([0, 1])(tiled)
    assert (ids.shape, ids.dtype) == ((6,), "int32")
    assert SelectTasks(2, [1])(tiled).shape == (3, 4)
    assert TileTasks(2)(keras.Input((4,))).shape == (None, 4)


def test_inputs_keep_their_precision():
    layer = TileTasks(2, dtype="mixed_float16")
    assert layer(X.astype("float32")).dtype == "float32"


def test_options_round_trip():
    for layer in (TileTasks(2), TaskIds([0, 2]), SelectTasks(3, [1])):
        copy = type(layer).from_config(layer.get_config())
        assert copy.get_config() == layer.get_config()


def test_options_out_of_range():
    with pytest.raises(ValueError, match=r"tasks=\[3\]"):
        SelectTasks(3, [3])
    with pytest.raises(ValueError, match="at least one task"):
        TaskIds([])
    with pytest.raises(ValueError, match=r"num_tasks=0"):
        TileTasks(0)
