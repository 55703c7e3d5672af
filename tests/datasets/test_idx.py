import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.datasets.idx import read_idx
from keras_mtl.errors import DataError

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


@given(shape=st.tuples(*[st.integers(0, 4)] * 3), compress=st.booleans())
def test_what_was_written_is_read(tmp_path_factory, encode, shape, compress):
    array = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    path = tmp_path_factory.mktemp("idx") / "file"
    data = encode(array)
    path.write_bytes(gzip.compress(data) if compress else data)
    np.testing.assert_array_equal(read_idx(path, rank=3), array)


@pytest.mark.parametrize("compress", [False, True])
@given(cut=st.integers(0, 75))
def test_every_truncation_is_noticed(tmp_path_factory, encode, compress, cut):
    data = encode(IMAGES)
    data = gzip.compress(data) if compress else data
    path = tmp_path_factory.mktemp("idx") / "images.gz"
    path.write_bytes(data[: min(cut, len(data) - 1)])
    with pytest.raises(DataError, match=r"images\.gz"):
        read_idx(path, rank=3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data + b"\0", "announces 60 bytes .* and 61 follow"),
        (lambda data: data[:-1], "announces 60 bytes .* and 59 follow"),
        (lambda data: b"\x89PNG" + data, "not an idx file"),
        (lambda data: b"\0\0\x0d" + data[3:], "not an idx file"),
        (lambda data: b"", "not an idx file"),
        (lambda data: gzip.compress(data)[:-9], "damaged or truncated gzip"),
        (
            lambda data: gzip.compress(data)[:12] + b"\xff" * 40,
            "damaged or truncated gzip",
        ),
    ],
)
def test_damage_is_named(tmp_path, encode, change, message):
    path = tmp_path / "images"
    path.write_bytes(change(encode(IMAGES)))
    with pytest.raises(DataError, match=f"images.*{message}"):
        read_idx(path, rank=3)


def test_labels_in_place_of_images_are_noticed(tmp_path, encode):
    path = tmp_path / "labels"
    path.write_bytes(encode(np.zeros(20, np.uint8)))
    with pytest.raises(DataError, match=r"must have 3 dim.*says 1.*mixed up"):
        read_idx(path, rank=3)


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path, rank=3)
