import numpy as np
import pytest
from PIL import Image

from keras_mtl.datasets import load
from keras_mtl.errors import DataError

CITIES = {"train": {"aachen": 2, "ulm": 1}, "val": {"lindau": 2}}


def make(root, **options):
    options = {"validation": 0, "batch_size": 2, **options}
    return load("cityscapes", dir=str(root), **options)


@pytest.fixture
def arrays(write_arrays):
    """The layout of MTAN, and its arrays."""

    def part(count, seed):
        generator = np.random.default_rng(seed)
        shape = (count, 4, 8)
        return {
            "image": generator.random((*shape, 3)).astype("float32"),
            "label_7": generator.integers(-1, 7, shape).astype("float32"),
            "depth": generator.uniform(0, 1, (*shape, 1)).astype("float32"),
        }

    parts = {"train": part(4, 0), "val": part(2, 1)}
    return write_arrays(parts), parts


@pytest.fixture
def release(tmp_path):
    """The official layout, and the images and ids of `val`."""
    generator = np.random.default_rng(0)
    kept = []
    for part, cities in CITIES.items():
        for city, count in cities.items():
            for number in range(count):
                image = generator.integers(0, 256, (4, 8, 3), np.uint8)
                ids = generator.integers(0, 34, (4, 8), np.uint8)
                disparity = generator.integers(0, 30000, (4, 8), np.uint16)
                disparity[0] = 0
                stem = f"{city}_{number:06}_000019"
                for home, kind, array in (
                    ("leftImg8bit", "leftImg8bit", image),
                    ("gtFine", "gtFine_labelIds", ids),
                    ("gtFine", "gtFine_instanceIds", ids),
                    ("disparity", "disparity", disparity),
                ):
                    folder = tmp_path / home / part / city
                    folder.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(array).save(folder / f"{stem}_{kind}.png")
                if part == "val":
                    kept.append((image, ids, disparity))
    return tmp_path, kept


def test_arrays_are_read_as_they_are(elements, arrays):
    root, parts = arrays
    data = make(root)
    ((x, y, w),) = elements(data.test.dataset())
    stored = parts["val"]
    np.testing.assert_array_equal(x, stored["image"])
    np.testing.assert_array_equal(
        y["segmentation"], np.maximum(stored["label_7"], 0)
    )
    np.testing.assert_array_equal(w["segmentation"], stored["label_7"] >= 0)
    np.testing.assert_array_equal(y["depth"], stored["depth"])
    assert data.tasks["segmentation"].class_names[0] == "flat"


def test_a_mask_for_each_group(elements, arrays):
    root, parts = arrays
    data = make(root, segmentation="per_class")
    assert len(data.tasks) == 8
    ((_, y, w),) = elements(data.test.dataset())
    labels = parts["val"]["label_7"]
    np.testing.assert_array_equal(y["vehicle"][..., 0], labels == 6)
    np.testing.assert_array_equal(w["flat"], labels >= 0)


def test_the_release_is_read_by_groups_of_ids(elements, release):
    root, kept = release
    data = make(root, size=[4, 8])
    assert (data.train.num_samples, data.test.num_samples) == (3, 2)
    ((x, y, w),) = elements(data.test.dataset())
    for index, (image, ids, disparity) in enumerate(kept):
        np.testing.assert_allclose(x[index], image / np.float32(255))
        human = w["segmentation"][index] * (y["segmentation"][index] == 5)
        np.testing.assert_array_equal(human, (ids == 24) | (ids == 25))
        void = ~np.isin(
            ids,
            [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
             31, 32, 33],
        )  # fmt: skip
        np.testing.assert_array_equal(w["segmentation"][index], ~void)
        pixels = np.maximum((disparity - 1.0) / 256, 0)
        np.testing.assert_allclose(y["depth"][index][..., 0], pixels, atol=1e-5)
    assert w["depth"][:, 0].max() == 0


def test_the_release_is_made_128_by_256(release):
    assert make(release[0]).input_shape == (128, 256, 3)


def test_tasks_that_are_not_there_are_refused(release):
    root, _ = release
    (root / "disparity").rename(root / "elsewhere")
    assert list(make(root).tasks) == ["segmentation"]
    with pytest.raises(DataError, match="no disparity, which the task 'depth'"):
        make(root, tasks=["depth"])


def test_a_missing_label_is_named(release):
    root, _ = release
    next((root / "gtFine/train/ulm").glob("*labelIds*")).unlink()
    with pytest.raises(DataError, match=r"ulm.* holds no file with the ending"):
        make(root)
    with pytest.raises(DataError, match="lacks train/image, val/image: expect"):
        make(root / "gtFine")


def test_an_unknown_id_is_named(elements, release):
    root, _ = release
    path = root / "gtFine/val/lindau/lindau_000001_000019_gtFine_labelIds.png"
    Image.fromarray(np.full((4, 8), 77, np.uint8)).save(path)
    data = make(root)
    with (
        pytest.raises(DataError, match=r"lindau_000001.*no label: .*0\.\.33"),
        data.reading(),
    ):
        elements(data.test.dataset())
