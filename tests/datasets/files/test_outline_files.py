import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.datasets.files.outline_files import OutlineFiles
from keras_mtl.errors import DataError


def write(path, text):
    path.write_text(text)
    return str(path)


@pytest.fixture
def files(tmp_path):
    first = write(tmp_path / "a.txt", "2.0 4.0\n9 4\n\n9.0, 11.0\n2 11\n")
    return OutlineFiles((first, ""), (8, 5), ((16, 20), (16, 20)))


def test_a_polygon_is_filled_and_resized(files):
    mask = files.decode(tf.constant(files.paths[0])).numpy()
    assert (mask.shape, mask.dtype) == ((8, 5, 1), np.uint8)
    # Rows 4..11 of 16 and columns 2..9 of 20.
    expected = np.zeros((8, 5), np.uint8)
    expected[2:6, 0:2] = 1
    assert abs(mask[..., 0].astype(int) - expected).sum() <= 4
    assert mask[3:5, 1].all()
    turned = OutlineFiles(files.paths, (16, 20), files.stored, "yx")
    assert turned.decode(tf.constant(files.paths[0])).numpy()[6, 7] == 1
    assert not files.decode(tf.constant("")).numpy().any()
    files.verify(0)
    files.verify(1)
    assert files.take([1]).paths == ("",)
    assert "paths" not in files.describe()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2\n3 4\n", "three corners or more"),
        ("1 2 3\n" * 3, "three corners or more"),
        ("a b\n" * 3, "is no list of corners"),
        ("1 2\n3\n4 5\n", "is no list of corners"),
        ("1 2\n3 nan\n4 5\n", "three corners or more"),
        ("1 2\n30 4\n4 5\n", "outside of its image, 20 pixels wide"),
    ],
)
def test_damaged_outlines(text, message, tmp_path):
    path = write(tmp_path / "a.txt", text)
    files = OutlineFiles((path,), (8, 8), ((16, 20),))
    with pytest.raises(DataError, match=message):
        files.verify(0)
