import numpy as np
import pytest

from keras_mtl.datasets.files.array_files import array_files
from keras_mtl.datasets.files.npy_header import read_header
from keras_mtl.errors import DataError

VALUES = np.arange(24).reshape(2, 4, 3)


def decoded(path, **options):
    files = array_files([str(path)], **options)
    return files.decode(files.paths[0]).numpy()


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", ">f4", "i2", "u1", ">i4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_any_dtype_and_order(tmp_path, dtype, order):
    path = tmp_path / "a.npy"
    np.save(path, np.asarray(VALUES, dtype, order=order))
    found = decoded(path)
    np.testing.assert_array_equal(found, VALUES)
    assert found.dtype == ("uint8" if dtype == "u1" else "float32")


def test_class_ids_become_bytes(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.array([[-1.0, 0.0], [12.0, 300.0]]))
    found = decoded(path, class_ids=True, smooth=False)
    assert found[..., 0].tolist() == [[255, 0], [12, 254]]


def test_long_headers_are_read(tmp_path):
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        np.lib.format.write_array(file, VALUES, version=(2, 0))
    assert read_header(path).shape == (2, 4, 3)
    np.testing.assert_array_equal(decoded(path), VALUES)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "not a whole"),
        (b"\x93NUMPY\x01\x00", "not a whole"),
        (b"PK\x03\x04 something else", "not a whole"),
        (b"\x93NUMPY\x09\x00 something else", "format version"),
    ],
)
def test_other_files_are_refused(tmp_path, content, expected):
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    with pytest.raises(DataError, match=expected):
        read_header(path)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, VALUES)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(DataError, match=r"announces 192 bytes .* and 184 foll"):
        read_header(path)


def test_text_and_complex_numbers_are_refused(tmp_path):
    for array in (np.array(["a"]), np.ones((2, 2), complex)):
        np.save(tmp_path / "a.npy", array)
        with pytest.raises(DataError, match="no numbers"):
            read_header(tmp_path / "a.npy")


def test_shapes_that_are_no_image_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.ones(3))
    with pytest.raises(DataError, match=r"shape \(3,\): expected"):
        array_files([str(tmp_path / "a.npy")])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.npy cannot be read"):
        read_header(tmp_path / "gone.npy")


def test_a_damaged_header_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, VALUES)
    content = path.read_bytes()
    for old, new in ((b", 'shape'", b"( 'shape'"), (b"{'des", b"\x00'des")):
        assert old in content
        path.write_bytes(content.replace(old, new))
        with pytest.raises(DataError, match=r"not a whole \.npy file"):
            read_header(path)
