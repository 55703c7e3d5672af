import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.layers import RoamingMask

X = np.random.default_rng(0).normal(size=(4, 3, 3, 10)).astype("float32")


def built(**options):
    layer = RoamingMask(**{"num_tasks": 3, "p": 0.5, "seed": 1, **options})
    layer.build(X.shape)
    return layer


@pytest.mark.parametrize("task", [1, np.int32(1), np.array(1)])
def test_a_scalar_task(task):
    layer = built()
    expected = X * layer.mask.numpy()[1]
    np.testing.assert_array_equal(layer(X, task=task), expected)


def test_one_task_per_sample():
    layer, ids = built(), np.array([2, 0, 0, 1])
    expected = X * layer.mask.numpy()[ids][:, None, None]
    np.testing.assert_array_equal(layer(X, ids), expected)
    np.testing.assert_array_equal(tf.function(layer)(X, ids), expected)


def test_channels_on_another_axis():
    layer = RoamingMask(2, 0.5, axis=1)
    y = layer(np.moveaxis(X, -1, 1), task=0).numpy()
    np.testing.assert_array_equal(
        np.moveaxis(y, 1, -1), X * layer.mask.numpy()[0]
    )


def test_one_trace_serves_all_tasks():
    layer = built()
    traced = tf.function(layer)
    for task in range(3):
        traced(X, tf.constant(task))
    assert traced.experimental_get_tracing_count() == 1


def test_hidden_filters_get_no_gradient_at_all():
    convolution = keras.layers.Conv2D(10, 2)
    norm = keras.layers.BatchNormalization()
    following = keras.layers.Conv2D(4, 1)
    layer = built()
    with tf.GradientTape() as tape:
        y = norm(convolution(X), training=True)
        loss = keras.ops.sum(following(layer(y, task=0)) ** 2)
    sources = [convolution.kernel, norm.gamma, norm.beta, following.kernel]
    found = tape.gradient(loss, [v.value for v in sources])
    hidden = layer.mask.numpy()[0] == 0
    for gradient, axis in zip(found, (-1, 0, 0, -2), strict=True):
        rows = np.moveaxis(gradient.numpy(), axis, 0)
        assert not rows[hidden].any()
        assert rows[~hidden].any()


@pytest.mark.parametrize("task", [-1, 3, np.array([0, 3]), np.array([-1, 0])])
def test_tasks_out_of_range_in_eager_mode(task):
    with pytest.raises(ValueError, match=r"`task` must be in 0 ... 2"):
        built()(X[:2], task=task)


@pytest.mark.parametrize("task", [-1, 3])
def test_tasks_out_of_range_in_a_graph(task):
    with pytest.raises(tf.errors.InvalidArgumentError, match="not in"):
        tf.function(built())(X, tf.constant([0, 1, task, 0]))


def test_tasks_out_of_range_compiled():
    y = tf.function(built(), jit_compile=True)(X, tf.constant([0, 1, 3, 0]))
    assert np.isnan(y[2]).all()
    assert not np.isnan(y[3]).any()


def test_tasks_of_another_kind():
    for task in (np.array([0.0]), np.zeros((4, 1), int), np.array([True])):
        with pytest.raises(ValueError, match="integer tensor of shape"):
            built()(X, task)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision(policy):
    layer = built(dtype=policy)
    y = layer(X, task=2)
    assert y.dtype == policy.removeprefix("mixed_")
    assert layer.mask.dtype == "float32"
    hidden = layer.mask.numpy()[2] == 0
    assert (
        not keras.ops.convert_to_numpy(y).astype("float32")[..., hidden].any()
    )


@pytest.mark.parametrize("per_sample", [False, True])
def test_saved_and_loaded(tmp_path, per_sample):
    x = keras.Input((3, 3, 10), name="x")
    task = keras.Input((), dtype="int32", name="task")
    layer = RoamingMask(3, 0.5, seed=4)
    y = layer(x, task=task if per_sample else 2)
    model = keras.Model([x, task] if per_sample else x, y)
    layer.mask.assign(1 - layer.mask.numpy())
    layer.updates.assign([5, 6, 7])
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    inputs = [X, np.array([0, 1, 2, 0])] if per_sample else X
    np.testing.assert_array_equal(loaded(inputs), model(inputs))
    for a, b in zip(loaded.weights, model.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
        assert a.dtype == b.dtype
    assert not model.trainable_weights


# Keras's own, about a container in which the refused layer stands.
@pytest.mark.filterwarnings("ignore:Skipping nested container")
def test_weights_of_other_sizes_are_refused(tmp_path):
    def saved(tasks, filters):
        layer = RoamingMask(tasks, name="mask")
        x = keras.Input((filters,))
        return keras.Model(x, layer(x, task=0))

    path = tmp_path / "m.weights.h5"
    saved(3, 8).save_weights(path)
    for tasks, filters in ((2, 8), (3, 9)):
        with pytest.raises(ValueError, match=r"the file holds \(3, 8\)"):
            saved(tasks, filters).load_weights(path)


def test_options_out_of_range():
    with pytest.raises(ValueError, match=r"num_tasks=0"):
        RoamingMask(0)
    with pytest.raises(ValueError, match=r"p=1.5"):
        RoamingMask(2, p=1.5)
    with pytest.raises(ValueError, match=r"seed=-1"):
        RoamingMask(2, seed=-1)
    with pytest.raises(ValueError, match="known number of channels"):
        RoamingMask(2)(keras.Input((4, None)), task=0)
