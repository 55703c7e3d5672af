import keras
import pytest

from keras_mtl.aggregators.component import Component, state_dtype


def test_state_follows_double_precision_only():
    before = keras.config.dtype_policy()
    try:
        found = {}
        for policy in ("float32", "mixed_bfloat16", "float64"):
            keras.config.set_dtype_policy(policy)
            found[policy] = (state_dtype(), Component().dtype)
    finally:
        keras.config.set_dtype_policy(before)
    assert found == {
        "float32": ("float32", "float32"),
        "mixed_bfloat16": ("float32", "float32"),
        "float64": ("float64", "float64"),
    }


def test_a_name_that_keras_uses_is_refused():
    with pytest.raises(TypeError, match="Name the method `task_weights`"):
        type("Mine", (Component,), {"weights": None})
