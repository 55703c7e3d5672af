import numpy as np
import pytest
from PIL import Image

from keras_mtl.datasets import load
from keras_mtl.errors import ConfigError, DataError

TASKS = {
    "grade": {"kind": "classification", "classes": ["0", "1", "2"]},
    "disc": {"kind": "mask", "file": "masks/{name}.png"},
    "parts": {"kind": "segmentation", "file": "map", "classes": 3},
    "far": {"kind": "depth", "file": "depth", "scale": 0.5},
}
TEXT = """name,image,grade,map,depth,fold
a,images/a.png,2,maps/a.png,maps/a.png,test
b,images/b.png,,,,test
c,images/c.png,1,maps/c.png,maps/c.png,train
"""


@pytest.fixture
def tree(tmp_path):
    """Three images, with maps of two and a mask of one."""
    generator = np.random.default_rng(0)
    kept = {}
    for folder, names, shape, largest in (
        ("images", "abc", (4, 6, 3), 256),
        ("maps", "ac", (4, 6), 3),
        ("masks", "a", (4, 6), 2),
    ):
        (tmp_path / folder).mkdir()
        for name in names:
            array = generator.integers(0, largest, shape, np.uint8)
            kept[folder, name] = array
            Image.fromarray(array).save(tmp_path / folder / f"{name}.png")
    Image.fromarray(kept["masks", "a"]).save(tmp_path / "masks/c.png")
    (tmp_path / "table.csv").write_text(TEXT)
    return tmp_path, kept


def make(root, **options):
    options = {
        "tasks": TASKS,
        "table": "table.csv",
        "split": "fold",
        "batch_size": 1,
        **options,
    }
    return load("image_folder", dir=str(root), **options)


def test_labels_and_maps_are_those_of_the_row(elements, tree):
    root, kept = tree
    first, second = elements(make(root).test.dataset())
    x, y, w = first
    np.testing.assert_allclose(x[0], kept["images", "a"] / np.float32(255))
    assert (y["grade"].tolist(), w["grade"].tolist()) == ([2], [1])
    np.testing.assert_array_equal(y["disc"][0, ..., 0], kept["masks", "a"])
    np.testing.assert_array_equal(y["parts"][0], kept["maps", "a"])
    np.testing.assert_array_equal(y["far"][0, ..., 0], kept["maps", "a"] / 2)
    assert w["disc"].min() == w["parts"].min() == 1
    assert all(not weights.any() for weights in second[2].values())
    assert not any(labels.any() for labels in second[1].values())


def test_several_maps_make_one_task(elements, tree):
    root, kept = tree
    tasks = {"all": {"kind": "mask", "file": ["map", "masks/{name}.png"]}}
    _, y, w = elements(make(root, tasks=tasks).test.dataset())[0]
    np.testing.assert_array_equal(
        y["all"][0], np.stack([kept["maps", "a"] > 0, kept["masks", "a"]], -1)
    )
    assert w["all"].shape == (1, 4, 6)


def test_images_may_be_grey_and_resized(tree):
    assert make(tree[0], channels=1, size=[2, 3]).input_shape == (2, 3, 1)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "images/b",
            "images/x",
            r"line 3: the file .*images/x\.png.*`data\.im",
        ),
        ("maps/c", "maps/x", r"line 4: .*maps/x\.png.*tasks\.parts\.file"),
        (",2,", ",7,", r"line 2: the label '7' of task 'grade'"),
        ("image,", "picture,", r"no column 'image', which `data\.image`"),
    ],
)
def test_a_wrong_row_is_named(tree, old, new, expected):
    (tree[0] / "table.csv").write_text(TEXT.replace(old, new, 1))
    with pytest.raises(DataError, match=expected):
        make(tree[0])


def test_a_path_that_no_file_has_is_refused(tree):
    tasks = {"disc": {"kind": "mask", "file": "mask/{name}.png"}}
    with pytest.raises(DataError, match=r"no file at all for .*disc"):
        make(tree[0], tasks=tasks)


def test_a_part_without_any_mask_has_weight_0(elements, tree):
    root, _ = tree
    (root / "masks/a.png").unlink()
    for _, _, w in elements(make(root).test.dataset()):
        assert not w["disc"].any()


def test_a_mask_of_another_size_is_named(tree):
    root, _ = tree
    Image.fromarray(np.zeros((2, 2), np.uint8)).save(root / "masks/a.png")
    with pytest.raises(DataError, match=r"masks/a\.png is 2x2 .* is 4x6"):
        make(root)


def test_a_damaged_tiff_is_named_when_it_is_read(elements, tree):
    root, kept = tree
    path = root / "masks" / "a.tif"
    for name in "ac":
        mask = Image.fromarray(kept["masks", "a"])
        mask.save(root / "masks" / f"{name}.tif", compression="tiff_lzw")
    tasks = {"disc": {"kind": "mask", "file": "masks/{name}.tif"}}
    data = make(root, tasks=tasks)
    path.write_bytes(path.read_bytes()[:20])
    with (
        pytest.raises(DataError, match=r"masks/a\.tif cannot be decoded"),
        data.reading(),
    ):
        elements(data.test.dataset())


def test_an_unknown_id_is_named(elements, tree):
    root, _ = tree
    Image.fromarray(np.full((4, 6), 9, np.uint8)).save(root / "maps/a.png")
    data = make(root)
    with (
        pytest.raises(DataError, match=r"maps/a\.png has ids.* 0\.\.2, 255"),
        data.reading(),
    ):
        elements(data.test.dataset())


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({"kind": "pose"}, "t`.*kind"),
        ({"kind": "mask"}, r"t\.file"),
        ({"kind": "mask", "file": "map", "classes": 2}, r"t\.classes"),
        ({"kind": "depth", "file": ["map", "depth"]}, r"t\.file.*one column"),
        ({"kind": "depth", "file": "map", "scale": 0}, r"t\.scale"),
        ({"kind": "segmentation", "file": "map"}, r"t\.classes"),
    ],
)
def test_wrong_blocks_are_named(tree, task, expected):
    with pytest.raises(ConfigError, match=rf"`data\.tasks\.{expected}"):
        make(tree[0], tasks={"t": task})


@pytest.mark.data
def test_two_gradings_and_partly_labelled_masks(data_dir, elements):
    data = load(
        "idrid", dir=data_dir("IDRiD"), size=[24, 36], validation=0,
        batch_size=130,
    )  # fmt: skip
    assert (data.train.num_samples, data.test.num_samples) == (467, 130)
    ((_, y, w),) = elements(data.test.dataset())
    labelled = {task: w[task].reshape(130, -1)[:, 0].sum() for task in w}
    assert labelled == {
        "retinopathy": 103, "edema": 103, "disc": 27, "lesions": 27,
    }  # fmt: skip
    # The disc is a few per cent of the picture, in every picture.
    shares = y["disc"][w["disc"][:, 0, 0] > 0].mean(axis=(1, 2, 3))
    assert shares.min() > 0.002
    assert shares.max() < 0.05
    assert set(np.unique(y["retinopathy"])) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("name", ["../outside.png", "/etc/passwd", "link.png"])
def test_a_file_outside_of_the_folder_is_not_opened(tree, name):
    root, _ = tree
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(
        root.parent / "outside.png"
    )
    (root / "link.png").symlink_to(root.parent / "outside.png")
    (root / "table.csv").write_text(TEXT.replace("images/b.png", name, 1))
    with pytest.raises(DataError, match=r"line 3: .* is not below `data\.dir`"):
        make(root)


def test_a_table_outside_of_the_folder_is_not_opened(tree):
    with pytest.raises(ConfigError, match=r"`data\.table` must be files below"):
        make(tree[0], table="../table.csv")
