import keras
import numpy as np
import pytest

from keras_mtl.layers import SqueezeExciteGate

X = np.random.default_rng(0).normal(size=(4, 3, 3, 32)).astype("float32")


def gate(layer, x, task):
    (w1, b1), (w2, b2) = (
        [v.numpy()[task] for v in pair]
        for pair in (layer.squeeze, layer.excite)
    )
    hidden = np.maximum(x.mean((1, 2)) @ w1 + b1, 0)
    return 1 / (1 + np.exp(-(hidden @ w2 + b2)))


def test_gates_by_task():
    layer, ids = SqueezeExciteGate(3), np.array([2, 0, 0, 1])
    y = layer(X, ids).numpy()
    assert layer.squeeze[0].shape == (3, 32, 2)
    assert len(layer.trainable_weights) == 4
    for index, task in enumerate(ids):
        x = X[index : index + 1]
        expected = x * gate(layer, x, task)[:, None, None]
        np.testing.assert_allclose(y[index : index + 1], expected, atol=1e-5)
        found = layer(x, task=int(task))
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_gates_start_apart():
    layer = SqueezeExciteGate(2)
    layer.build(X.shape)
    first, second = layer.squeeze[0].numpy()
    assert (first != second).any()
    # The limit of Glorot's draw for 32 inputs and 2 outputs.
    assert np.abs(first).max() <= np.sqrt(6 / 34) + 1e-6


def test_saved_and_loaded(tmp_path):
    x = keras.Input((3, 3, 32))
    model = keras.Model(x, SqueezeExciteGate(2, ratio=4)(x, task=1))
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded(X), model(X))


def test_mixed_precision():
    layer = SqueezeExciteGate(2, dtype="mixed_float16")
    assert layer(X, np.array([0, 1, 1, 0])).dtype == "float16"


def test_options_out_of_range():
    with pytest.raises(ValueError, match=r"ratio=0"):
        SqueezeExciteGate(2, ratio=0)
    with pytest.raises(ValueError, match=r"num_tasks=0"):
        SqueezeExciteGate(0)
