import numpy as np
import pytest
from PIL import Image

from keras_mtl.datasets.files.image_files import ImageFiles, image_size
from keras_mtl.errors import DataError


@pytest.fixture
def photo(tmp_path):
    """A smooth JPEG of 80x64, and its pixels as Pillow reads them."""
    coarse = np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)
    path = tmp_path / "a.jpg"
    Image.fromarray(coarse).resize((64, 80)).save(path, quality=95)
    with Image.open(path) as image:
        return str(path), image.copy()


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(
    "size", [(80, 64), (40, 32), (30, 20), (11, 9), (100, 90)]
)
def test_photographs_are_as_pillow_makes_them(photo, known, size):
    path, image = photo
    stored = (80, 64) if known else None
    files = ImageFiles((path,), size, stored=stored)
    found = files.decode(path).numpy().astype(float)
    method = Image.Resampling.BOX if size[0] < 80 else Image.Resampling.BILINEAR
    expected = np.asarray(image.resize(size[::-1], method), float)
    assert found.shape == (*size, 3)
    assert np.abs(found - expected).mean() < 3


def test_ids_are_never_mixed(tmp_path):
    ids = np.random.default_rng(0).choice([3, 200], (9, 9)).astype(np.uint8)
    path = tmp_path / "a.png"
    Image.fromarray(ids).save(path)
    for size in ((3, 3), (4, 5), (20, 20)):
        files = ImageFiles((str(path),), size, 1, smooth=False)
        assert set(np.unique(files.decode(str(path)))) == {3, 200}
    third = ImageFiles((str(path),), (3, 3), 1, smooth=False)
    np.testing.assert_array_equal(
        third.decode(str(path))[..., 0], ids[1::3, 1::3]
    )


def test_tiff_and_16_bits_are_read(tmp_path):
    deep = np.array([[0, 1], [256, 65535]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png")
    files = ImageFiles(
        (str(tmp_path / "a.png"),), (2, 2), 1, smooth=False, dtype="uint16"
    )
    np.testing.assert_array_equal(files.decode(files.paths[0])[..., 0], deep)
    mask = np.array([[0, 255], [255, 0]], np.uint8)
    Image.fromarray(mask).save(tmp_path / "m.tif")
    files = ImageFiles((str(tmp_path / "m.tif"),), (2, 2), 1, smooth=False)
    np.testing.assert_array_equal(files.decode(files.paths[0])[..., 0], mask)


def test_a_png_by_another_name_is_read(tmp_path):
    pixels = np.full((4, 4, 3), 77, np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.jpg", format="png")
    files = ImageFiles((str(tmp_path / "a.jpg"),), (4, 4))
    np.testing.assert_array_equal(files.decode(files.paths[0]), pixels)


def test_a_missing_file_is_zeros(photo):
    path, _ = photo
    files = ImageFiles(("", path), (8, 8))
    assert not files.decode("").numpy().any()
    assert files.decode(path).numpy().any()
    files.verify(0)


def test_damaged_files_are_named(photo, tmp_path):
    path, _ = photo
    bad = tmp_path / "bad.jpg"
    with open(path, "rb") as file:
        bad.write_bytes(file.read()[:200])
    files = ImageFiles((path, str(bad)), (8, 8))
    files.verify(0)
    with pytest.raises(DataError, match=r"bad\.jpg cannot be decoded"):
        files.verify(1)
    assert image_size(path) == (80, 64)
    bad.write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"bad\.jpg is not a readable image"):
        image_size(str(bad))


@pytest.mark.parametrize("ending", ["bmp", "gif"])
def test_grey_levels_of_other_formats_are_read(tmp_path, ending):
    levels = np.array([[0, 128], [255, 0]], np.uint8)
    path = str(tmp_path / f"m.{ending}")
    Image.fromarray(levels).save(path)
    files = ImageFiles((path,), (2, 2), 1, smooth=False)
    np.testing.assert_array_equal(files.decode(path)[..., 0], levels)
    files = ImageFiles((path,), (2, 2), 3, smooth=False)
    expected = np.repeat(levels[..., None], 3, axis=-1)
    np.testing.assert_array_equal(files.decode(path), expected)
