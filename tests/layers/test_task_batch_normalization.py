import keras
import numpy as np
import pytest

from keras_mtl.layers import TaskBatchNormalization

X = np.random.default_rng(0).normal(2, 3, size=(6, 4, 4, 5)).astype("float32")
IDS = np.array([1, 0, 1, 1, 0, 1])


def built(**options):
    layer = TaskBatchNormalization(3, **options)
    layer.build(X.shape)
    return layer


def plain(x, **options):
    layer = keras.layers.BatchNormalization(**options)
    return layer(x, training=True), layer


def test_a_scalar_task_normalises_as_one_layer_would():
    layer = built(momentum=0.9)
    expected, reference = plain(X, momentum=0.9)
    np.testing.assert_array_equal(layer(X, task=1, training=True), expected)
    for name in ("moving_mean", "moving_variance"):
        found = getattr(layer, name).numpy()
        np.testing.assert_allclose(
            found[1], getattr(reference, name).numpy(), rtol=1e-6
        )
        start = float(name == "moving_variance")
        np.testing.assert_array_equal(found[[0, 2]], start)


def test_samples_of_several_tasks_are_normalised_task_by_task():
    layer, apart = built(), built()
    y = layer(X, IDS, training=True).numpy()
    for task in (0, 1):
        expected = apart(X[task == IDS], task=task, training=True)
        np.testing.assert_allclose(y[task == IDS], expected, atol=1e-5)
    for name in ("moving_mean", "moving_variance"):
        found, expected = (getattr(x, name).numpy() for x in (layer, apart))
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    np.testing.assert_array_equal(layer.moving_mean.numpy()[2], 0)


def test_inference_uses_the_averages_of_the_task():
    layer = built(center=False, scale=False)
    layer.moving_mean.assign(np.arange(15.0).reshape(3, 5))
    layer.moving_variance.assign(np.arange(1, 16.0).reshape(3, 5))
    mean = np.arange(15.0).reshape(3, 5)[IDS][:, None, None]
    variance = np.arange(1, 16.0).reshape(3, 5)[IDS][:, None, None]
    expected = (X - mean) / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(layer(X, IDS), expected, atol=1e-5)
    np.testing.assert_allclose(
        layer(X[IDS == 1], task=1), expected[IDS == 1], atol=1e-5
    )


def test_frozen_layers_keep_their_averages():
    layer = built(trainable=False)
    np.testing.assert_array_equal(
        layer(X, task=0, training=True), layer(X, task=0)
    )
    assert not layer.moving_mean.numpy().any()


def test_vectors():
    layer = TaskBatchNormalization(2)
    x = X[:, 0, 0]
    y = layer(x, IDS, training=True).numpy()
    np.testing.assert_allclose(y[IDS == 1].mean(0), 0, atol=1e-5)


@pytest.mark.parametrize("ids", [None, IDS])
def test_half_precision_is_normalised_in_float32(ids):
    layer = built(dtype="mixed_float16")
    x = (X + 6e4).astype("float16")
    y = layer(x, task=0 if ids is None else ids, training=True)
    assert y.dtype == "float16"
    assert np.isfinite(y.numpy()).all()
    assert layer.moving_mean.dtype == "float32"


def test_saved_and_loaded(tmp_path):
    x = keras.Input((4, 4, 5))
    layer = TaskBatchNormalization(3, momentum=0.7, gamma_regularizer="l2")
    model = keras.Model(x, layer(x, task=2))
    layer.moving_mean.assign(np.arange(15.0).reshape(3, 5))
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded(X), model(X))
    assert loaded.layers[-1].get_config() == layer.get_config()


def test_options_without_meaning_are_refused():
    with pytest.raises(ValueError, match=r"renorm=True"):
        TaskBatchNormalization(2, renorm=True)
    with pytest.raises(ValueError, match=r"num_tasks=0"):
        TaskBatchNormalization(0)
    with pytest.raises(ValueError, match=r"`task` must be in 0 ... 2"):
        built()(X, task=3)
