import zipfile

import pytest

from keras_mtl.errors import DataError
from keras_mtl.exporting import ExportedModel
from keras_mtl.exporting.card import read_card, write_card

CARD = {"inputs": ["x"], "tasks": {"a": {"kind": "regression"}}}


def test_in_a_folder_in_a_zip_and_behind_anything_else(tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    archive = tmp_path / "a.keras"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("config.json", "{}")
    other = tmp_path / "a.tflite"
    other.write_bytes(b"a flat buffer")
    for path in (folder, archive, other):
        write_card(path, CARD)
        assert read_card(path) == CARD
    assert other.read_bytes().startswith(b"a flat buffer")
    with zipfile.ZipFile(archive) as file:
        assert file.read("config.json") == b"{}"


@pytest.mark.parametrize(
    ("text", "message"),
    [("[]", "without tasks"), ("{", "does not say"), ("{}", "without tasks")],
)
def test_a_damaged_card(tmp_path, text, message):
    path = tmp_path / "a.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("keras_mtl_card.json", text)
    with pytest.raises(DataError, match=message):
        read_card(path)


def test_what_is_no_exported_network(tmp_path):
    path = tmp_path / "a.keras"
    with pytest.raises(DataError, match="does not say"):
        ExportedModel(path)
    with pytest.raises(DataError, match=r"ends in \.keras, \.onnx, \.tflite"):
        ExportedModel(tmp_path / "a.h5")
    write_card(path, CARD)
    with pytest.raises(DataError, match="cannot be opened"):
        ExportedModel(path)
