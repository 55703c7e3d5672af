"""Which variables a task's output trains: with stops, nested, with losses."""

import keras

from keras_mtl.backend.connectivity import trained_by
from keras_mtl.layers import StopGradient


def paths(model):
    variables = model.trainable_variables
    found = trained_by(model, variables)
    return {
        task: {variables[i].path.split("/")[0] for i in indices}
        for task, indices in found.items()
    }


def test_a_stop_cuts_and_a_join_does_not():
    x = keras.Input((4,), name="x")
    first = keras.layers.Dense(3, name="first")(x)
    second = keras.layers.Dense(3, name="second")(x)
    stopped = StopGradient(name="stop")(second)
    fused = keras.layers.Concatenate(name="fuse")([first, stopped])
    a = keras.layers.Dense(1, name="a")(fused)
    b = keras.layers.Dense(1, name="b")(second)
    model = keras.Model(x, {"a": a, "b": b})
    assert paths(model) == {"a": {"first", "a"}, "b": {"second", "b"}}


def test_any_way_of_stopping_counts():
    x = keras.Input((4,), name="x")
    h = keras.layers.Dense(3, name="h")(x)
    stopped = keras.ops.stop_gradient(h)
    outputs = {
        "a": keras.layers.Dense(1, name="a")(stopped),
        "b": keras.layers.Dense(1, name="b")(h),
    }
    found = paths(keras.Model(x, outputs))
    assert found == {"a": {"a"}, "b": {"b", "h"}}


def test_nothing_is_left_behind():
    x = keras.Input((4,), name="x")
    h = keras.layers.Dense(3, activity_regularizer="l2", name="h")(x)
    h = keras.layers.BatchNormalization(name="norm")(h)
    h = keras.layers.Dropout(0.5, seed=1, name="drop")(h)
    model = keras.Model(x, {"a": keras.layers.Dense(1, name="a")(h)})
    before = [v.numpy() for v in model.variables]
    assert paths(model) == {"a": {"h", "norm", "a"}}
    assert not model.losses
    for variable, value in zip(model.variables, before, strict=True):
        assert (variable.numpy() == value).all()


def test_inputs_by_name_and_frozen_layers():
    inputs = {n: keras.Input((4,), name=n) for n in ("left", "right")}
    h = keras.layers.Concatenate(name="both")(list(inputs.values()))
    h = keras.layers.Dense(3, name="frozen", trainable=False)(h)
    model = keras.Model(inputs, {"a": keras.layers.Dense(1, name="a")(h)})
    assert paths(model) == {"a": {"a"}}
