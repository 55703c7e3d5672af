import pytest

from keras_mtl.config.sources import find_config, read_config
from keras_mtl.configs import preset_path
from keras_mtl.errors import ConfigError


def test_a_preset_is_found_by_name():
    assert find_config("multi_digits") == preset_path("multi_digits")


def test_a_file_comes_before_a_preset(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "multi_digits").write_text("seed: 1")
    assert read_config(find_config("multi_digits")).data["seed"] == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("multi_digit", "Did you mean 'multi_digits'"),
        ("nope.yaml", "no such configuration"),
        ("a\0b", "no such configuration"),
        ("x" * 5000, "no such configuration"),
    ],
)
def test_what_is_not_there_is_named(name, message):
    with pytest.raises(ConfigError, match=message):
        find_config(name)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is a folder"):
        find_config(str(tmp_path))


def test_a_file_extends_another_beside_it(tmp_path):
    (tmp_path / "base.yaml").write_text("seed: 1\nfit: {epochs: 3}\n")
    child = tmp_path / "child.yaml"
    child.write_text("extends: base.yaml\nfit: {log_every: 2}\n")
    data = read_config(child).data
    assert data["fit"] == {"epochs": 3, "log_every": 2}
    assert data["seed"] == 1
    assert "extends" not in data


def test_a_file_extends_a_preset(tmp_path):
    child = tmp_path / "multi_digits.yaml"
    child.write_text("extends: multi_digits\nseed: 5\n")
    assert read_config(child).data["data"]["name"] == "multi_digits"


def test_the_name_is_not_inherited(tmp_path):
    (tmp_path / "base.yaml").write_text("name: base_run\n")
    child = tmp_path / "my run!.yaml"
    child.write_text("extends: base.yaml\n")
    assert read_config(child).data["name"] == "my_run_"
    assert read_config(tmp_path / "base.yaml").data["name"] == "base_run"


def test_a_circle_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_text("extends: b.yaml")
    (tmp_path / "b.yaml").write_text("extends: a.yaml")
    with pytest.raises(ConfigError, match=r"goes in a circle: .*a.yaml -> "):
        read_config(tmp_path / "a.yaml")


@pytest.mark.parametrize("parent", ["3", "[a]", "''", "nope", "a\\0b"])
def test_what_cannot_be_extended_is_refused(tmp_path, parent):
    path = tmp_path / "a.yaml"
    path.write_text(f"seed: 1\nextends: {parent}\n")
    with pytest.raises(ConfigError, match=r"a.yaml:2:10: extends: "):
        read_config(path)


def test_files_that_are_not_text_are_refused(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"seed: \xff\xfe")
    with pytest.raises(ConfigError, match="expected UTF-8"):
        read_config(path)
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(ConfigError, match="too large for a configuration"):
        read_config(path)
