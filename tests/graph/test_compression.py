import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.graph import compressed, describe_partition, partition, split

RNG = np.random.default_rng(0)


def check(plain, p=0.4, **options):
    """Compresses every task's network; returns the first."""
    model = partition(plain, p, **options)
    for variable in model.weights:
        if variable.path.rpartition("/")[2] in (
            *("gamma", "beta", "bias", "moving_mean", "moving_variance"),
        ):
            variable.assign(RNG.uniform(0.5, 1.5, variable.shape))
    x = RNG.normal(size=(3, *plain.inputs[0].shape[1:])).astype("float32")
    small = {task: compressed(model, task) for task in model.output}
    outputs = model(x)
    for task, network in small.items():
        found = network(x)
        assert list(found) == [task]
        np.testing.assert_allclose(found[task], outputs[task], atol=1e-5)
        alone = split(model).forward((task,))
        assert network.count_params() < alone.count_params()
    return model, small["a"]


def heads(h, dense=True):
    if dense:
        h = layers.Dense(5, activation="relu", name="dense")(h)
    return {t: layers.Dense(2, name=t)(h) for t in ("a", "b")}


def image_model(body, flat=False):
    x = keras.Input((8, 8, 3), name="image")
    h = body(layers.Conv2D(8, 3, padding="same", name="first")(x))
    flatten = layers.Flatten() if flat else layers.GlobalAveragePooling2D()
    return keras.Model(x, heads(flatten(h)))


def conv(filters, name, **options):
    return layers.Conv2D(filters, 3, padding="same", name=name, **options)


def residual(h):
    y = layers.ReLU()(layers.BatchNormalization()(h))
    y = layers.BatchNormalization()(conv(8, "inner")(y))
    return layers.ReLU()(layers.Add()([h, y]))


def gated(h):
    gate = layers.GlobalAveragePooling2D(keepdims=True)(h)
    gate = layers.Conv2D(8, 1, activation="sigmoid", name="gate")(gate)
    return layers.Multiply()([h, gate])


@keras.saving.register_keras_serializable(package="tests")
def centred(x):
    return x - keras.ops.mean(x, axis=-1, keepdims=True)


BODIES = {
    "plain": lambda h: layers.MaxPooling2D()(
        layers.LeakyReLU()(conv(6, "second")(h))
    ),
    "residual": residual,
    "depthwise": lambda h: layers.DepthwiseConv2D(3, name="depth")(
        layers.BatchNormalization()(h)
    ),
    "separable": lambda h: layers.SeparableConv2D(
        6, 3, depth_multiplier=2, name="sep"
    )(h),
    "transposed": lambda h: layers.Conv2DTranspose(6, 3, name="up")(h),
    "dense_net": lambda h: conv(5, "third")(
        layers.BatchNormalization()(
            layers.Concatenate()([h, conv(4, "second")(h)])
        )
    ),
    "squeeze_excite": gated,
    "groups": lambda h: conv(8, "grouped", groups=2)(h),
    "sigmoid": lambda h: conv(4, "second")(layers.Activation("sigmoid")(h)),
    "softmax": lambda h: conv(4, "second")(layers.Activation("softmax")(h)),
    "own_activation": lambda h: conv(4, "second", activation=centred)(h),
    "layer_norm": lambda h: conv(4, "second")(layers.LayerNormalization()(h)),
    "reshaped": lambda h: layers.Reshape((4, 16, 8))(h),
    "operations": lambda h: keras.ops.tanh(h) + h * 2.0,
}


@pytest.mark.parametrize("body", BODIES)
def test_smaller_and_the_same(body):
    check(image_model(BODIES[body]))


def test_positions_laid_side_by_side():
    model, small = check(image_model(lambda h: h, flat=True))
    row = describe_partition(model).layers[0]
    dense = next(x for x in small.layers if x.name == "dense")
    assert dense.kernel.shape[0] == 64 * row.filters_per_task


def test_a_chain_loses_exactly_the_masked_filters():
    model, small = check(image_model(BODIES["plain"]))
    kept = [row.filters_per_task for row in describe_partition(model).layers]
    assert kept == [4, 3]
    assert small.get_layer("first").kernel.shape == (3, 3, 3, 4)
    assert small.get_layer("second").kernel.shape == (3, 3, 4, 3)
    assert small.get_layer("dense").kernel.shape == (3, 5)


def test_a_filter_that_lives_on_in_the_residual_stream_stays():
    model, small = check(image_model(residual))
    first, inner = describe_partition(model).layers
    tasks = [row.layer.mask.numpy()[0] > 0.5 for row in (first, inner)]
    stream = int((tasks[0] | tasks[1]).sum())
    assert small.get_layer("first").filters == tasks[0].sum()
    assert small.get_layer("inner").filters == tasks[1].sum()
    assert small.get_layer("dense").kernel.shape[0] == stream


@pytest.mark.parametrize("passes", ["sequential", "batched"])
@pytest.mark.parametrize("norm", ["batch", "task_batch", "group"])
def test_every_wiring_and_normalisation(tmp_path, passes, norm):
    _, small = check(image_model(residual), passes=passes, norm=norm)
    assert all(
        type(layer).__module__.startswith("keras.") for layer in small.layers
    )
    small.save(tmp_path / "small.keras")
    loaded = keras.models.load_model(tmp_path / "small.keras")
    x = RNG.normal(size=(2, 8, 8, 3)).astype("float32")
    np.testing.assert_array_equal(loaded(x)["a"], small(x)["a"])


def test_convolutions_of_some_tasks_only():
    x = keras.Input((8, 8, 3), name="image")
    h = conv(8, "all")(x)
    pool = layers.GlobalAveragePooling2D()
    two = pool(conv(6, "two")(h))
    outputs = {
        "a": layers.Dense(1, name="a")(two),
        "b": layers.Dense(1, name="b")(pool(h)),
        "c": layers.Dense(1, name="c")(two),
    }
    for passes in ("sequential", "batched"):
        check(keras.Model(x, outputs), passes=passes)


def test_layers_called_twice_stay_whole():
    again = conv(8, "again")
    _, small = check(image_model(lambda h: again(again(h))))
    assert small.get_layer("again").kernel.shape == (3, 3, 8, 8)


def test_outputs_that_depend_on_each_other_stay_and_read_less():
    x = keras.Input((8, 8, 3), name="image")
    h = layers.GlobalAveragePooling2D()(conv(8, "first")(x))
    plain = keras.Model(
        x, {t: layers.Dense(3, "softmax", name=t)(h) for t in ("a", "b")}
    )
    _, small = check(plain)
    assert small.get_layer("a").kernel.shape == (4, 3)


def test_weights_are_copies():
    model, small = check(image_model(residual))
    mine = {id(variable) for variable in model.weights}
    assert not any(id(variable) in mine for variable in small.weights)


def test_a_model_without_masks_is_taken_apart():
    plain = image_model(residual)
    small = compressed(plain, "b")
    x = RNG.normal(size=(2, 8, 8, 3)).astype("float32")
    np.testing.assert_array_equal(small(x)["b"], plain(x)["b"])


def test_bad_input():
    with pytest.raises(ValueError, match="task names among"):
        compressed(image_model(residual), "z")

    class Own(keras.Model):
        pass

    with pytest.raises(ValueError, match="not a Functional model"):
        compressed(Own(), "a")
