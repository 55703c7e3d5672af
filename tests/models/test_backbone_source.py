import sys

import keras
import pytest

from keras_mtl.errors import ConfigError, OfflineError
from keras_mtl.models.backbone_source import load_backbone

SHAPE = (32, 32, 3)


def fetch(*args, **kwargs):
    raise Exception("URL fetch failure on https://x: None -- no route")


def test_a_function_with_random_weights():
    small = {"alpha": 0.25}
    model = load_backbone("MobileNet", SHAPE, "auto", small)
    assert model.input.shape == (None, *SHAPE)
    assert model.output.shape == (None, 1, 1, 256)


def test_weights_of_a_file(tmp_path):
    small = {"alpha": 0.25}
    model = load_backbone("MobileNet", SHAPE, None, small)
    path = str(tmp_path / "m.weights.h5")
    model.save_weights(path)
    loaded = load_backbone("MobileNet", SHAPE, path, small)
    for mine, other in zip(model.weights, loaded.weights, strict=True):
        assert (mine.numpy() == other.numpy()).all()
    with pytest.raises(ConfigError, match="a file that is not there"):
        load_backbone("MobileNet", SHAPE, "nope.weights.h5", small)


def test_a_download_without_a_network(monkeypatch):
    module = sys.modules[keras.applications.MobileNet.__module__]
    monkeypatch.setattr(module.file_utils, "get_file", fetch)
    with pytest.raises(OfflineError, match=r"weights 'imagenet'.*null") as info:
        load_backbone("MobileNet", (224, 224, 3), "imagenet", {})
    assert info.value.exit_code == 5


def test_options_that_do_not_fit():
    with pytest.raises(ConfigError, match=r"'nope'.*arguments are.*'alpha'"):
        load_backbone("MobileNet", SHAPE, None, {"nope": 1})


def test_what_keras_refuses_stays_as_it_is():
    with pytest.raises(ValueError, match="Input size must be at least"):
        load_backbone("MobileNet", (8, 8, 3), None, {})


def test_without_keras_hub(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(ConfigError, match=r"\[backbones\].*mean 'MobileNet'"):
        load_backbone("MobilNet", SHAPE, None, {})
