import csv
import json

import numpy as np
import pytest
from PIL import Image

from keras_mtl.callbacks.map_pictures import palette
from keras_mtl.cli.map_files import write_maps
from keras_mtl.cli.prediction_files import write_predictions
from keras_mtl.errors import DataError


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_class_ids_are_the_pixels_and_have_colours(tmp_path):
    ids = np.array([[0, 1], [12, 255]], "uint8")
    assert write_maps(tmp_path / "x.t", {"classes": ids}) == {
        "classes": "x.t.png"
    }
    np.testing.assert_array_equal(pixels(tmp_path / "x.t.png"), ids)
    with Image.open(tmp_path / "x.t.png") as image:
        assert image.mode == "P"
        colours = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(colours, palette()[ids])


def test_ids_of_two_bytes_survive(tmp_path):
    ids = np.array([[0, 299]], "uint16")
    write_maps(tmp_path / "x", {"classes": ids})
    np.testing.assert_array_equal(pixels(tmp_path / "x.png"), ids)


def test_values_are_kept_exactly_and_shown(tmp_path):
    depth = np.array([[1.0, 2.0], [np.nan, 3.0]], "float32")
    assert write_maps(tmp_path / "d", {"depth": depth}) == {"depth": "d.npy"}
    np.testing.assert_array_equal(np.load(tmp_path / "d.npy"), depth)
    assert pixels(tmp_path / "d.png").tolist() == [[0, 128], [0, 255]]
    normal = np.array([[[0.0, -1.0, 1.0]]], "float32")
    write_maps(tmp_path / "n", {"normals": normal})
    assert pixels(tmp_path / "n.png").tolist() == [[[128, 0, 255]]]


def test_flat_values_can_be_shown(tmp_path):
    write_maps(tmp_path / "f", {"depth": np.full((2, 2), 7, "float32")})
    assert not pixels(tmp_path / "f.png").any()


def test_colours_differ():
    found = palette()
    assert len({tuple(colour) for colour in found.tolist()}) == 256
    assert found[0].tolist() == [0, 0, 0]
    assert found[1].tolist() == [128, 0, 0]  # as in PASCAL VOC
    assert found[15].tolist() == [192, 128, 128]


def test_each_sample_and_map_has_a_file_of_its_own(tmp_path):
    maps = {"disc": np.zeros((2, 2), "uint8"), "a/b": np.ones((2, 2), "uint8")}
    rows = [{"maps": maps, "shares": {"disc": 0.5}}] * 2
    write_predictions(tmp_path / "x.t.json", tmp_path / "x.png", "t", rows)
    content = json.loads((tmp_path / "x.t.json").read_text())
    found = content["predictions"]
    assert found[1]["files"] == {
        "disc": "x.t.1.disc.png",
        "a/b": "x.t.1.a_b.png",
    }
    assert found[1]["shares"] == {"disc": 0.5}
    for row in found:
        assert all(
            (tmp_path / name).is_file() for name in row["files"].values()
        )
    assert "maps" in rows[0]


def test_csv_names_the_file(tmp_path):
    row = {
        "maps": {"fovea": np.zeros((2, 2), "float32")},
        "centers": {"fovea": (1.0, 0.5)},
    }
    write_predictions(tmp_path / "x.t.csv", tmp_path / "x.png", "t", [row])
    with (tmp_path / "x.t.csv").open() as file:
        (found,) = csv.DictReader(file)
    assert found == {
        "sample": "0",
        "file(fovea)": "x.t.npy",
        "row(fovea)": "1.0",
        "column(fovea)": "0.5",
    }


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="Could not write"):
        write_maps(tmp_path / "no/x", {"a": np.zeros((2, 2), "uint8")})
