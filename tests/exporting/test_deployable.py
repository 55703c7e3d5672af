import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.exporting.deployable import (
    deployable,
    holds_our_layers,
    is_single_precision,
)
from keras_mtl.graph import partition
from keras_mtl.layers import RoamingMask


@pytest.fixture(params=["mixed_bfloat16", "mixed_float16", "float64"])
def other_precision(request):
    """Makes models in another precision meanwhile."""
    before = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_dtype_policy(request.param)
    if request.param == "float64":
        keras.config.set_floatx("float64")
    yield
    keras.config.set_dtype_policy(before[0])
    keras.config.set_floatx(before[1])


def nested():
    x = keras.Input((8, 8, 3))
    h = layers.Conv2D(6, 3, name="conv")(x)
    trunk = keras.Model(x, layers.BatchNormalization()(h), name="trunk")
    x = keras.Input((8, 8, 3), name="image")
    h = keras.ops.cast(trunk(x), "float16") * 0.5
    h = layers.GlobalAveragePooling2D()(h)
    return keras.Model(x, {t: layers.Dense(2, name=t)(h) for t in "ab"})


def test_other_precisions_become_float32(other_precision):
    plain = nested()
    images = np.random.default_rng(0).normal(size=(7, 8, 8, 3))
    for model in (plain, partition(plain, 0.5)):
        assert not is_single_precision(model)
        new = deployable(model)
        assert is_single_precision(new)
        found, expected = new(images), model(images)
        assert set(found) == {"a", "b"}
        for task in found:
            assert found[task].dtype == "float32"
            np.testing.assert_allclose(found[task], expected[task], atol=0.02)


def test_single_precision_is_left_alone():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    x = keras.Input((2,))
    model = keras.Model(x, {"a": model(x), "b": layers.Dense(1)(x)})
    assert deployable(model) is model


def test_some_tasks_alone(model, images):
    small = deployable(model, ["b"])
    assert list(small.output) == ["b"]
    np.testing.assert_allclose(
        small(images)["b"], model(images)["b"], atol=1e-5
    )


def test_layers_of_this_package_are_found():
    x, task = keras.Input((2,)), keras.Input((), dtype="int32")
    inner = keras.Model([x, task], RoamingMask(2)(x, task=task))
    outer = keras.Model([x, task], {"a": inner([x, task])})
    assert holds_our_layers(outer)
    assert not holds_our_layers(keras.Model(x, {"a": layers.Dense(1)(x)}))
