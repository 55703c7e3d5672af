import keras
import numpy as np
import pytest

import keras_mtl
from keras_mtl.errors import ConfigError, OfflineError
from keras_mtl.graph import split
from keras_mtl.models import backbone

TASKS = {"depth": 1, "kind": 3}
KINDS = {"depth": "depth", "kind": "classification"}
MOBILE = {"backbone": "MobileNet", "options": {"alpha": 0.25}}
RESNET = {
    "input_conv_filters": [64],
    "input_conv_kernel_sizes": [7],
    "stackwise_num_filters": [64, 64],
    "stackwise_num_blocks": [1, 1],
    "stackwise_num_strides": [1, 2],
    "block_type": "basic_block",
}
MIT = {
    "layerwise_depths": [1, 1],
    "num_layers": 2,
    "layerwise_num_heads": [1, 1],
    "layerwise_sr_ratios": [2, 1],
    "max_drop_path_rate": 0.0,
    "layerwise_patch_sizes": [7, 3],
    "layerwise_strides": [4, 2],
    "hidden_dims": [8, 16],
}
VIT = {
    "patch_size": 16,
    "num_layers": 1,
    "num_heads": 2,
    "hidden_dim": 8,
    "mlp_dim": 8,
}


def image(*shape):
    return np.random.default_rng(0).random(shape, "float32")


def checked(model, shape):
    """Shapes of both outputs, and what the tasks share."""
    outputs = model(image(2, *shape))
    assert outputs["depth"].shape == (2, *shape[:2], 1)
    assert outputs["kind"].shape == (2, 3)
    parts = split(model)
    assert parts.shared_variables
    decoder = [v for v in model.variables if v.path.startswith("decoder")]
    assert decoder
    assert {parts.reached_by(v) for v in decoder} == {frozenset({"depth"})}
    return parts


def test_a_function_with_maps_and_vectors(tmp_path):
    shape = (40, 33, 3)
    model = backbone(TASKS, shape, kinds=KINDS, decoder_width=8, **MOBILE)
    checked(model, shape)
    forward = split(model).forward(["kind"])
    assert not any(x.name.startswith("decoder") for x in forward.layers)
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = image(1, *shape)
    for task, output in model(x).items():
        np.testing.assert_allclose(loaded(x)[task], output, atol=1e-6)


def test_vectors_alone_and_masks_in_the_trunk():
    model = backbone({"a": 2, "b": 1}, (32, 32, 3), **MOBILE)
    assert {t: y.shape[1:] for t, y in model.output.items()} == {
        "a": (2,),
        "b": (1,),
    }
    parted = keras_mtl.partition(model, 1.0, norm="batch")
    x = image(2, 32, 32, 3)
    for task, output in model(x).items():
        np.testing.assert_array_equal(parted(x)[task], output)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pooling": "sum"}, "`pooling` must be one of"),
        ({"decoder_width": 0}, "`decoder_width` must be"),
        ({"head_dropout": 1.0}, "`head_dropout` must be"),
        ({"kinds": {"c": "depth"}}, "must map tasks among"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        backbone({"a": 1}, (32, 32, 3), **MOBILE, **options)


@pytest.mark.slow
def test_keras_hub_by_class_and_by_folder(tmp_path):
    hub = pytest.importorskip("keras_hub")
    shape = (32, 48, 3)
    named = {"backbone": "ResNetBackbone", "options": RESNET}
    model = backbone(TASKS, shape, kinds=KINDS, decoder_width=8, **named)
    checked(model, shape)
    named = {"backbone": "MiTBackbone", "options": MIT}
    # Attention of keras-hub 0.32 reads its tokens as a square.
    square = (32, 32, 3)
    model = backbone(TASKS, square, kinds=KINDS, decoder_width=8, **named)
    checked(model, square)
    skip = model.get_layer("decoder1_join").output
    assert skip.shape == (None, 8, 8, 16)
    source = hub.models.ResNetBackbone(image_shape=(64, 64, 3), **RESNET)
    folder = str(tmp_path / "preset")
    source.save_to_preset(folder)
    same = backbone({"a": 1}, shape, folder)
    other = backbone({"a": 1}, shape, folder, weights=None)
    by_class = backbone({"a": 1}, shape, "ResNetBackbone", weights=folder)
    wanted = source.weights[0].numpy()
    for found, equal in ((same, True), (other, False), (by_class, True)):
        kernel = found.get_layer("trunk").weights[0].numpy()
        assert np.array_equal(kernel, wanted) == equal


@pytest.mark.slow
def test_keras_hub_says_what_is_wrong(monkeypatch):
    hub = pytest.importorskip("keras_hub")
    shape = (32, 32, 3)
    with pytest.raises(ConfigError, match=r"Did you mean 'ResNetBackbone'"):
        backbone(TASKS, shape, "ResNetBackbon")
    with pytest.raises(ConfigError, match=r"arguments are .*'patch_size'"):
        backbone(TASKS, shape, "ViTBackbone")
    options = {"backbone": "ViTBackbone", "options": VIT}
    assert backbone(TASKS, shape, **options).output["kind"].shape[1:] == (3,)
    with pytest.raises(ValueError, match="has no feature maps"):
        backbone(TASKS, shape, kinds=KINDS, **options)

    def unreachable(*args, **kwargs):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(hub.models.Backbone, "from_preset", unreachable)
    with pytest.raises(OfflineError, match=r"preset 'resnet_18.*save_to_prese"):
        backbone(TASKS, shape, "resnet_18_imagenet")
