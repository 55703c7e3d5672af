import sys

from keras_mtl.cli.configuration import load_config, prepare
from keras_mtl.cli.settings import Settings


def test_the_default_preset():
    loaded = load_config(None, (), None, Settings())
    assert loaded.config.name == "multi_digits"


def test_the_current_folder_comes_last(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    prepare(Settings(plugins=False))
    assert str(tmp_path) not in sys.path
    prepare(Settings())
    assert sys.path[-1] == str(tmp_path)
