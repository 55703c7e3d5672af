import keras
import numpy as np
import pytest

import keras_mtl
from keras_mtl.graph import split
from keras_mtl.models import unet

SMALL = (4, 6, 8)
TASKS = {"disc": 1, "depth": 1, "glaucoma": 2}
KINDS = {"disc": "mask", "depth": "depth", "glaucoma": "classification"}


def size(variables):
    return sum(int(np.prod(v.shape)) for v in variables)


def image(*shape):
    return np.random.default_rng(0).random(shape, "float32")


def test_number_of_parameters():
    parts = split(unet({"a": 1, "b": 2}, (16, 16, 3)))
    assert size(parts.shared_variables) == 17_267_328
    assert size(parts.task_variables["b"]) == 2 * 65
    assert [tuple(x.shape) for x in parts.frontier] == [(None, 16, 16, 64)]


def test_widths_of_the_decoder():
    model = unet({"a": 1}, (32, 48, 3))
    widths = {"up4": 256, "up3": 128, "up2": 64, "up1": 64}
    for name, width in widths.items():
        assert model.get_layer(f"{name}b_relu").output.shape[-1] == width
    assert model.get_layer("down5b_relu").output.shape == (None, 2, 3, 512)


@pytest.mark.parametrize("height", [8, 9, 10, 11, 13])
def test_every_size_has_a_map_of_its_size(height):
    model = unet({"a": 2}, (height, 9, 1), widths=SMALL)
    assert model.output["a"].shape == (None, height, 9, 2)
    assert model(image(1, height, 9, 1))["a"].shape == (1, height, 9, 2)


def test_a_vector_is_read_at_the_bottleneck():
    model = unet(TASKS, (8, 8, 1), KINDS, widths=SMALL)
    shapes = {task: tuple(y.shape) for task, y in model.output.items()}
    assert shapes == {
        "disc": (None, 8, 8, 1),
        "depth": (None, 8, 8, 1),
        "glaucoma": (None, 2),
    }
    parts = split(model)
    assert not any(
        layer.name.startswith("up")
        for layer in parts.forward(["glaucoma"]).layers
    )
    decoder = [v for v in model.variables if v.path.startswith("up")]
    assert decoder
    assert {parts.reached_by(v) for v in decoder} == {
        frozenset({"disc", "depth"})
    }


def test_vectors_alone_have_no_decoder():
    model = unet({"a": 2}, (8, 8, 1), {"a": "binary"}, widths=SMALL)
    assert not any(layer.name.startswith("up") for layer in model.layers)
    assert model.output["a"].shape == (None, 2)


@pytest.mark.parametrize(
    ("pooling", "function"), [("average", "mean"), ("max", "max")]
)
def test_pooling_of_the_bottleneck(pooling, function):
    kinds = {"a": "classification"}
    model = unet({"a": 3}, (8, 8, 1), kinds, SMALL, pooling, head_dropout=0.8)
    x = image(2, 8, 8, 1)
    bottom = keras.Model(model.input, model.get_layer("down3b_relu").output)
    pooled = getattr(np, function)(bottom(x), axis=(1, 2))
    kernel, bias = model.get_layer("a_logits").get_weights()
    expected = pooled @ kernel + bias
    np.testing.assert_allclose(model(x)["a"], expected, rtol=1e-4, atol=1e-5)
    assert model.get_layer("a_dropout").rate == 0.8


def test_it_can_be_partitioned_and_saved(tmp_path):
    model = unet(TASKS, (8, 8, 1), KINDS, widths=SMALL)
    parted = keras_mtl.partition(model, 0.5)
    parted.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = image(2, 8, 8, 1)
    for task, output in parted(x).items():
        np.testing.assert_allclose(loaded(x)[task], output, atol=1e-6)
        assert output.shape[1:] == model.output[task].shape[1:]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": (4,)}, "`widths` must be a list of 2 or more"),
        ({"pooling": "sum"}, "`pooling` must be one of"),
        ({"head_dropout": 1}, r"`head_dropout` must be in \[0, 1\)"),
        ({"kinds": {"a": "nope"}}, "must be one of"),
        ({"input_shape": (3, 8, 1)}, "height and width 4 or more"),
    ],
)
def test_options_out_of_range(options, message):
    options = {"input_shape": (8, 8, 1), "widths": SMALL, **options}
    with pytest.raises(ValueError, match=message):
        unet({"a": 1}, **options)
