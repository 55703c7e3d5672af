import keras
import numpy as np
import pytest
from keras import layers

import keras_mtl
from keras_mtl.graph import compressed, partition, split
from keras_mtl.graph.stock import with_stock_layers
from keras_mtl.layers import CooperativeFusion, RoamingMask, StopGradient

RNG = np.random.default_rng(0)


def ours(model):
    return [
        type(layer).__name__
        for layer in model.layers
        if type(layer).__module__.startswith("keras_mtl")
    ]


def network(rank=2, axis=-1, norm=True):
    first = axis == 1
    size = (4,) * rank
    shape = (3, *size) if first else (*size, 3)
    conv = {1: layers.Conv1D, 2: layers.Conv2D, 3: layers.Conv3D}[rank]
    options = {"padding": "same"}
    if first:
        options["data_format"] = "channels_first"
    x = keras.Input(shape, name="image")
    h = conv(5, 1, name="first", **options)(x)
    if norm:
        h = layers.BatchNormalization(axis=axis, name="norm")(h)
    h = conv(6, 1, name="second", activation="relu", **options)(h)
    h = layers.Flatten()(h)
    return keras.Model(x, {t: layers.Dense(2, name=t)(h) for t in "abc"})


def check(model):
    """The same outputs without layers of this package."""
    for variable in model.weights:
        name = variable.path.rpartition("/")[2]
        if name in ("gamma", "beta", "moving_mean", "moving_variance"):
            variable.assign(RNG.uniform(0.5, 1.5, variable.shape))
    x = RNG.normal(size=(3, *model.inputs[0].shape[1:])).astype("float32")
    new = with_stock_layers(model)
    assert ours(model)
    assert not ours(new)
    expected, found = model(x), new(x)
    assert set(found) == set(expected)
    for task in expected:
        np.testing.assert_allclose(found[task], expected[task], atol=1e-5)
    return new


@pytest.mark.parametrize("passes", ["sequential", "batched"])
@pytest.mark.parametrize("norm", ["batch", "task_batch", "group"])
def test_masks_and_normalisations(norm, passes):
    check(partition(network(), 0.5, norm=norm, passes=passes))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_gates(rank):
    check(partition(network(rank), kind="se"))


def test_channels_first():
    plain = network(axis=1, norm=False)
    model = partition(plain, 0.5)
    new = with_stock_layers(model)
    assert not ours(new)
    # Convolutions with channels first do not run on every CPU build.
    factor = next(x for x in new.layers if isinstance(x, layers.Rescaling))
    assert np.shape(factor.scale)[1:] == (1, 1)


def test_a_batched_model_of_some_tasks():
    model = partition(network(), 0.5, passes="batched")
    check(split(model).forward(("a", "c")))


def test_cooperative_encoders():
    x = keras.Input((4,), name="x")
    own = {t: layers.Dense(3, name=f"encoder_{t}")(x) for t in "ab"}
    outputs = {}
    for task in "ab":
        h = CooperativeFusion(task, name=f"fusion_{task}")(own)
        outputs[task] = layers.Dense(2, name=task)(StopGradient()(h))
    check(keras.Model(x, outputs))


def test_shared_layers_stay_shared():
    model = partition(network(), 0.5, norm="batch")
    new = with_stock_layers(model)
    assert new.get_layer("first") is model.get_layer("first")
    assert sum(layer.name == "second" for layer in new.layers) == 1


def test_nothing_to_replace():
    model = network()
    assert with_stock_layers(model) is model


def test_a_task_that_is_an_input_stays():
    x, task = keras.Input((4,), name="x"), keras.Input((), dtype="int32")
    h = RoamingMask(2)(layers.Dense(4)(x), task=task)
    model = keras.Model([x, task], {"a": layers.Dense(1)(StopGradient()(h))})
    new = with_stock_layers(model)
    assert ours(new) == ["RoamingMask"]
    values = [np.ones((2, 4)), np.array([0, 1])]
    np.testing.assert_array_equal(new(values)["a"], model(values)["a"])


def test_a_nested_model_is_opened():
    x = keras.Input((4, 4, 3))
    h = layers.Conv2D(4, 1, name="inner")(x)
    trunk = keras.Model(x, layers.BatchNormalization()(h), name="trunk")
    x = keras.Input((4, 4, 3), name="image")
    h = layers.GlobalAveragePooling2D()(trunk(x))
    outputs = {t: layers.Dense(2, name=t)(h) for t in "ab"}
    check(partition(keras.Model(x, outputs), 0.5))


def test_a_compressed_network_with_gates():
    model = partition(
        keras_mtl.models.lenet({"a": 2, "b": 2}, (16, 16, 1)), kind="se"
    )
    check(compressed(model, "a"))
