"""Files made to run code or to escape: refused, and nothing happens."""

import pickle
import struct
import types
import zlib
from pathlib import Path

import keras
import numpy as np
import pytest

from keras_mtl import config
from keras_mtl.cli.loading import load_model
from keras_mtl.cli.prediction_inputs import read_input
from keras_mtl.datasets import load
from keras_mtl.errors import ConfigError, DataError
from keras_mtl.report.files import read_yaml
from keras_mtl.runs import RunFolder
from keras_mtl.runs.atomic import write_json

CARD = {"input_shape": [2, 2, 1], "scaling": {}}


@pytest.fixture
def trap(tmp_path):
    """A file that exists only if hostile code has run."""
    path = tmp_path / "trap"
    yield path
    assert not path.exists()


class Hostile:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_the_trap_works(tmp_path):
    pickle.loads(pickle.dumps(Hostile(tmp_path / "sprung"))).close()
    assert (tmp_path / "sprung").exists()


def tagged(trap):
    return f"seed: !!python/object/apply:builtins.open [{trap}, w]\n"


def test_tags_of_a_configuration_make_no_objects(tmp_path, trap):
    path = tmp_path / "config.yaml"
    path.write_text(tagged(trap))
    with pytest.raises(ConfigError, match=r"the tag .* is not allowed"):
        config.load(str(path))
    with pytest.raises(ConfigError, match=r"the tag .* is not allowed"):
        config.load("multi_digits", [tagged(trap).replace(": ", "=", 1)])


def test_tags_of_a_run_folder_make_no_objects(tmp_path, trap):
    path = tmp_path / "resolved.yaml"
    path.write_text(tagged(trap))
    write_json(tmp_path / "manifest.json", {})
    with pytest.raises(DataError, match=r"resolved\.yaml"):
        RunFolder.open(tmp_path)
    with pytest.raises(DataError, match=r"resolved\.yaml"):
        read_yaml(path)


def test_pickled_arrays_are_not_opened(tmp_path, trap):
    path = tmp_path / "a.npy"
    np.save(path, np.array([Hostile(trap)], object), allow_pickle=True)
    with pytest.raises(DataError, match=r"a\.npy"):
        read_input(path, CARD)


def test_a_damaged_header_of_an_array_is_an_error_in_words(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((2, 2)))
    path.write_bytes(path.read_bytes().replace(b", 'shape'", b"( 'shape'"))
    with pytest.raises(DataError, match=r"cannot read .*a\.npy"):
        read_input(path, CARD)


@pytest.mark.parametrize("name", ["a.npy", "a.png"])
def test_a_pickle_that_calls_itself_otherwise_is_not_opened(
    tmp_path, trap, name
):
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Hostile(trap)))
    with pytest.raises(DataError, match=name):
        read_input(path, CARD)


def test_code_in_a_model_is_not_run(tmp_path, trap):
    inputs, target = keras.Input((2,)), str(trap)
    code = keras.layers.Lambda(lambda x: (Path(target).touch(), x)[1])
    path = tmp_path / "model.keras"
    keras.Model(inputs, code(inputs)).save(path)
    trap.unlink()
    folder = types.SimpleNamespace(model_path=path, path=tmp_path)
    with pytest.raises(DataError, match=r"model\.keras.*cannot be loaded"):
        load_model(folder)


def png(width, height):
    """A PNG that announces a size, and holds next to nothing."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(10))),
        (b"IEND", b""),
    ):
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        parts.append(struct.pack(">I", len(data)) + kind + data + checksum)
    return b"".join(parts)


def test_a_small_file_of_a_huge_image_is_refused(tmp_path):
    for index in range(4):
        (tmp_path / f"{index}.png").write_bytes(png(60_000, 60_000))
    (tmp_path / "table.csv").write_text(
        "image,sex\n" + "".join(f"{i}.png,{i % 2}\n" for i in range(4))
    )
    with pytest.raises(DataError, match=r"\.png is not a readable image"):
        load(
            "image_folder",
            dir=str(tmp_path),
            table="table.csv",
            tasks={"sex": {"kind": "binary"}},
        )
    with pytest.raises(DataError, match=r"0\.png"):
        read_input(tmp_path / "0.png", {**CARD, "input_shape": [2, 2, 3]})
