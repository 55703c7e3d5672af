import keras
import numpy as np
import pytest

from keras_mtl.graph import split
from keras_mtl.models import mlp


def test_number_of_parameters():
    model = mlp({"heat": 1, "cool": 2}, (8,), units=(16, 4), head_units=(3,))
    parts = split(model)
    shared = 8 * 16 + 16 + 16 * 4 + 4
    assert sum(np.prod(v.shape) for v in parts.shared_variables) == shared
    own = parts.task_variables["cool"]
    assert sum(np.prod(v.shape) for v in own) == 4 * 3 + 3 + 3 * 2 + 2


def test_outputs_match_numpy():
    model = mlp({"a": 2, "b": 1}, (3,), units=(4,), activation="tanh")
    x = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    weights = {v.path: v.numpy() for v in model.variables}
    hidden = np.tanh(x @ weights["shared1/kernel"] + weights["shared1/bias"])
    for task, output in model(x).items():
        expected = hidden @ weights[f"{task}_logits/kernel"]
        np.testing.assert_allclose(
            output,
            expected + weights[f"{task}_logits/bias"],
            rtol=1e-4,
            atol=1e-6,
        )


def test_dropout_follows_every_hidden_layer():
    model = mlp({"a": 1}, (3,), (4, 4), head_units=(2,), dropout=0.1)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Dropout") == 3
    model = mlp({"a": 1}, (3,), (4, 4), head_units=(2,))
    assert not any(isinstance(x, keras.layers.Dropout) for x in model.layers)


def test_samples_of_several_axes_are_flattened():
    model = mlp({"a": 1, "b": 1}, [4, 3], units=[2])
    assert model.input.name == "features"
    assert model.get_layer("shared1").kernel.shape == (12, 2)


@pytest.mark.parametrize(
    ("argument", "value", "least"),
    [
        ("units", (), 1),
        ("units", 64, 1),
        ("units", (4, 0), 1),
        ("units", (4.0,), 1),
        ("head_units", (-1,), 0),
        ("head_units", (True,), 0),
    ],
)
def test_wrong_numbers_of_units(argument, value, least):
    with pytest.raises(ValueError, match=f"`{argument}` .* {least} or more"):
        mlp({"a": 1}, (3,), **{argument: value})


@pytest.mark.parametrize("input_shape", [(), (0,), (None,), 8, (3.5,)])
def test_shapes_it_cannot_read(input_shape):
    with pytest.raises(ValueError, match=r"such as \(8,\). Received: input_s"):
        mlp({"a": 1}, input_shape)
