import keras
import numpy as np
import pytest

from keras_mtl.layers import NDDR


def features(shape=(2, 3, 4), tasks="abc"):
    generator = np.random.default_rng(0)
    return {task: generator.normal(size=shape).astype("f4") for task in tasks}


def test_it_starts_as_a_weighted_sum():
    x = features()
    found = NDDR("b", 0.7, 0.2)(x)
    expected = 0.7 * x["b"] + 0.2 * (x["a"] + x["c"])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_it_projects_the_concatenation():
    x = features()
    layer = NDDR("a", kernel_regularizer=keras.regularizers.L2(0.5))
    layer(x)
    kernel = np.random.default_rng(1).normal(size=(12, 4))
    layer.kernel.assign(kernel)
    joined = np.concatenate([x[task] for task in "abc"], axis=-1)
    np.testing.assert_allclose(layer(x), joined @ kernel, rtol=1e-4, atol=1e-5)
    penalty = 0.5 * np.sum(kernel**2)
    np.testing.assert_allclose(layer.losses[0], penalty, rtol=1e-5)


def test_saved_and_loaded(tmp_path):
    inputs = {task: keras.Input((4,), name=task) for task in "ab"}
    model = keras.Model(inputs, NDDR("a", kernel_regularizer="l2")(inputs))
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = features((2, 4), "ab")
    np.testing.assert_array_equal(loaded(x), model(x))
    assert len(loaded.losses) == 1


def test_features_without_the_task():
    with pytest.raises(ValueError, match=r"of the task 'c'.*\['a', 'b'\]"):
        NDDR("c")(features(tasks="ab"))
