"""Weights of trained networks, taken over layer by layer."""

import json

import keras
import numpy as np
import pytest

from keras_mtl.errors import ConfigError, DataError, OfflineError
from keras_mtl.transfer import load_pretrained


def network(units=3, prefix="", nested=False, name=None):
    inputs = keras.Input((4,), name="features")
    stack = [
        keras.layers.Dense(units, name=f"{prefix}dense"),
        keras.layers.BatchNormalization(name=f"{prefix}norm"),
        keras.layers.Dense(2, name=f"{prefix}last"),
    ]
    if nested:
        stack = [keras.Sequential(stack, name="encoder")]
    x = inputs
    for layer in stack:
        x = layer(x)
    outputs = {t: keras.layers.Dense(2, name=f"{t}_head")(x) for t in "ab"}
    return keras.Model(inputs, outputs, name=name)


def values(model):
    return [np.array(weight) for weight in model.get_weights()]


def randomised(model, seed=0):
    generator = np.random.default_rng(seed)
    model.set_weights([generator.random(w.shape) for w in model.get_weights()])
    return model


@pytest.fixture
def trained():
    return randomised(network())


@pytest.mark.parametrize("suffix", ["keras", "weights.h5"])
@pytest.mark.parametrize("nested", [False, True])
def test_a_file_by_name(tmp_path, trained, suffix, nested):
    path = str(tmp_path / f"model.{suffix}")
    trained.save_weights(path) if suffix[-1] == "5" else trained.save(path)
    model = network(nested=nested)
    report = load_pretrained(model, path)
    for own, given in zip(values(model), values(trained), strict=True):
        np.testing.assert_array_equal(own, given)
    assert len(report.named("matched")) == 5
    assert report.unused == ()


def test_other_shapes_and_other_names_stay_as_they_are(trained):
    model = network(units=5)
    before = values(model)
    layers = ["dense", "norm", "last", "a_head"]
    report = load_pretrained(model, trained, layers=layers)
    assert report.named("mismatched") == ["dense", "norm", "last"]
    assert report.named("random") == ["b_head"]
    assert report.named("matched") == ["a_head"]
    old = network(units=5)
    old.set_weights(before)
    for one in report.layers:
        own = model.get_layer(one.layer).get_weights()
        expected = trained if one.state == "matched" else old
        for x, y in zip(
            own, expected.get_layer(one.layer).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(x, y)


def test_by_position(trained):
    model = network(prefix="x_")
    report = load_pretrained(model, trained, match="position")
    assert [one.source for one in report.layers][:3] == [
        "dense",
        "norm",
        "last",
    ]
    for own, given in zip(values(model), values(trained), strict=True):
        np.testing.assert_array_equal(own, given)


def test_two_encoders_from_one(trained):
    inputs = keras.Input((4,), name="features")
    outputs = {
        side: keras.layers.Dense(3, name=f"{side}_dense")(inputs)
        for side in ("left", "right")
    }
    model = keras.Model(inputs, outputs)
    load_pretrained(model, trained, rename={"^(left|right)_": ""})
    kernel = trained.get_layer("dense").kernel
    for side in ("left", "right"):
        own = model.get_layer(f"{side}_dense").kernel
        np.testing.assert_array_equal(own, kernel)


def test_only_the_layers_that_are_asked_for(trained):
    model = network(nested=True)
    report = load_pretrained(model, trained, layers=["encoder"])
    assert report.named("matched") == ["dense", "norm", "last"]
    assert report.named("random") == ["a_head", "b_head"]
    assert report.unused == ("a_head", "b_head")


def test_a_folder_of_keras_hub(tmp_path):
    hub = pytest.importorskip("keras_hub")
    config = {
        "input_conv_filters": [64],
        "input_conv_kernel_sizes": [3],
        "stackwise_num_filters": [64],
        "stackwise_num_blocks": [1],
        "stackwise_num_strides": [1],
        "block_type": "basic_block",
        "image_shape": (8, 8, 3),
    }
    trained = randomised(hub.models.ResNetBackbone(**config), seed=1)
    trained.save_to_preset(str(tmp_path / "preset"))
    model = hub.models.ResNetBackbone(**config)
    report = load_pretrained(model, str(tmp_path / "preset"))
    assert report.named("matched") == [one.layer for one in report.layers]
    for own, given in zip(values(model), values(trained), strict=True):
        np.testing.assert_array_equal(own, given)


def test_the_report_as_text_and_json(trained):
    model = network(units=3)
    report = load_pretrained(model, trained, layers=["dense"])
    assert "1 matched, 0 mismatched, 4 random, 4 unused" in str(report)
    assert report.rows()[0] == ["dense", "matched", "dense", "4x3 3"]
    assert json.loads(report.to_json())["layers"][0]["state"] == "matched"


def test_a_mismatch_shows_both_shapes(trained):
    inputs = keras.Input((4,), name="features")
    x = keras.layers.Dense(7, name="dense")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, name="new")(x))
    rename = {"^new$": "dense"}
    with pytest.raises(ConfigError, match="2 layers have other shapes"):
        load_pretrained(model, trained, rename=rename)
    mixed = network()
    report = load_pretrained(mixed, trained, rename={"^last$": "a_head"})
    (one,) = [one for one in report.layers if one.layer == "last"]
    assert one.state == "mismatched"
    assert report.rows()[2][3] == "3x2 2, not 2x2 2"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weights": "none.keras"}, "file that is not there"),
        ({"weights": "no_such_preset_at_all"}, "keras-hub preset"),
        ({"layers": ["dens"]}, r"matches 'dens'.*Did you mean 'dense'"),
        ({"match": "shape"}, "'name' or 'position'"),
        ({"rename": {"(": ""}}, "regular expressions"),
        ({"rename": {"^": "x_"}}, "Use `rename`, or match by position"),
    ],
)
def test_refused(trained, options, message):
    options = {"weights": trained, **options}
    with pytest.raises(ConfigError, match=message):
        load_pretrained(network(), **options)


def test_the_folder_of_a_run_is_not_its_model(tmp_path, trained):
    trained.save(tmp_path / "model.keras")
    with pytest.raises(ConfigError, match=r"Did you mean '.*model\.keras'"):
        load_pretrained(network(), str(tmp_path))


def test_weights_alone_have_no_order(tmp_path, trained):
    path = str(tmp_path / "model.weights.h5")
    trained.save_weights(path)
    with pytest.raises(ConfigError, match="needs the order of the layers"):
        load_pretrained(network(), path, match="position")


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_a_damaged_file(tmp_path, name):
    (tmp_path / name).write_bytes(b"not a model")
    with pytest.raises(DataError, match="cannot be read"):
        load_pretrained(network(), str(tmp_path / name))


def test_a_preset_that_needs_the_network(monkeypatch, trained):
    def offline(*_):
        raise OfflineError("no network")

    where = "keras_mtl.transfer.weight_source.load_backbone"
    monkeypatch.setattr(where, offline)
    with pytest.raises(OfflineError, match="give as `weights` a folder"):
        load_pretrained(network(), "resnet_18_imagenet")
