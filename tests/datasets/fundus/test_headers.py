import numpy as np
import pytest
from PIL import Image

from keras_mtl.datasets.fundus.headers import image_headers
from keras_mtl.errors import DataError


def save(path, array):
    Image.fromarray(array).save(path)
    return str(path)


def test_sizes_are_height_and_width(tmp_path):
    paths = [
        save(tmp_path / f"{side}.png", np.zeros((side, 4, 3), np.uint8))
        for side in (2, 3)
    ]
    assert image_headers(paths) == [(2, 4), (3, 4)]


def test_grey_is_for_maps_alone(tmp_path):
    path = save(tmp_path / "a.png", np.zeros((2, 3), np.uint8))
    assert image_headers([path], colour=False) == [(2, 3)]
    with pytest.raises(DataError, match=r"a\.png is grey"):
        image_headers([path])


def test_an_absurd_size_is_named(tmp_path, monkeypatch):
    Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match=r"a\.png cannot be decoded: .* size"):
        image_headers([str(tmp_path / "a.png")])


def test_deep_and_damaged_files_are_named(tmp_path):
    path = save(tmp_path / "a.tif", np.zeros((2, 3), np.uint16))
    with pytest.raises(DataError, match=r"a\.tif has more than 8 bits"):
        image_headers([path], colour=False)
    (tmp_path / "b.png").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"b\.png cannot be decoded"):
        image_headers([str(tmp_path / "b.png")])
