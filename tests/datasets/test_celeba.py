import numpy as np
import pytest
from PIL import Image

from keras_mtl.datasets import load
from keras_mtl.datasets.celeba import GROUPS
from keras_mtl.errors import ConfigError, DataError

NAMES = [f"Attribute_{i}" for i in range(40)]
PARTS = [0, 0, 0, 1, 2, 2]


@pytest.fixture
def tree(tmp_path):
    """Six images in the official layout, and their attributes as 0 and 1."""
    generator = np.random.default_rng(0)
    values = generator.integers(0, 2, (6, 40))
    files = [f"{i + 1:06}.jpg" for i in range(6)]
    (tmp_path / "img_align_celeba").mkdir()
    for number, name in enumerate(files):
        pixels = np.full((218, 178, 3), 20 * number, np.uint8)
        Image.fromarray(pixels).save(tmp_path / "img_align_celeba" / name)
    lines = [
        f"{name} " + " ".join(f"{2 * v - 1:2d}" for v in row)
        for name, row in zip(files, values, strict=True)
    ]
    text = "\n".join(["6", " ".join(NAMES), *lines])
    (tmp_path / "list_attr_celeba.txt").write_text(text + "\n")
    (tmp_path / "list_eval_partition.txt").write_text(
        "".join(f"{n} {p}\n" for n, p in zip(files, PARTS, strict=True))
    )
    return tmp_path, values


def make(root, **options):
    return load("celeba", dir=str(root), batch_size=2, size=[8, 8], **options)


def test_the_groups_are_all_attributes_once():
    listed = [index for group in GROUPS.values() for index in group]
    assert sorted(listed) == list(range(40))


def test_the_official_parts_and_groups(elements, tree):
    root, values = tree
    data = make(root)
    sizes = [s.num_samples for s in (data.train, data.validation, data.test)]
    assert sizes == [3, 1, 2]
    ((x, y, w),) = elements(data.test.dataset())
    assert x.shape == (2, 8, 8, 3)
    np.testing.assert_allclose(x[:, 0, 0, 0] * 255, [80, 100], atol=1)
    for group, indices in GROUPS.items():
        np.testing.assert_array_equal(y[group], values[4:][:, indices])
        assert w[group].tolist() == [1, 1]
    assert data.tasks["nose"].class_names == ("Attribute_7", "Attribute_27")


def test_forty_tasks(elements, tree):
    root, values = tree
    data = make(root, tasks="attributes")
    assert list(data.tasks) == NAMES
    ((_, y, _),) = elements(data.test.dataset())
    np.testing.assert_array_equal(y["Attribute_31"], values[4:, 31:32])


def test_the_folders_of_the_release_are_found(tree):
    root, _ = tree
    for sub, name in {
        "Anno": "list_attr_celeba.txt",
        "Eval": "list_eval_partition.txt",
        "Img": "img_align_celeba",
    }.items():
        (root / sub).mkdir()
        (root / name).rename(root / sub / name)
    assert make(root).train.num_samples == 3


@pytest.mark.parametrize(
    "name", ["list_attr_celeba.txt", "list_eval_partition.txt"]
)
def test_a_missing_file_is_named(tree, name):
    (tree[0] / name).unlink()
    with pytest.raises(DataError, match=rf"lacks {name}.*mmlab"):
        make(tree[0])


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("list_attr_celeba.txt", "6\n", "7\n", "announces '7' images, and 6"),
        ("list_attr_celeba.txt", "_39", "", "line 2: expected the names of"),
        (
            "list_attr_celeba.txt",
            "000002.jpg",
            "9.jpg",
            "partition.txt lacks 1 image",
        ),
        ("list_attr_celeba.txt", "000002.jpg ", "000002.jpg x ", "line 4: ex"),
        ("list_eval_partition.txt", "3.jpg 0", "3.jpg 3", "line 3: expected a"),
        ("list_eval_partition.txt", "000003.jpg 0\n", "", "lacks 1 image"),
    ],
)
def test_files_that_disagree_are_named(tree, name, old, new, expected):
    path = tree[0] / name
    text = path.read_text().replace(" Attribute_39", "") if old == "_39" else (
        path.read_text().replace(old, new, 1)
    )  # fmt: skip
    path.write_text(text)
    with pytest.raises(DataError, match=expected):
        make(tree[0])


def test_half_of_the_images_is_refused(tree):
    (tree[0] / "img_align_celeba" / "000005.jpg").unlink()
    with pytest.raises(DataError, match=r"lacks 1 of the 6 images.*000005"):
        make(tree[0])


def test_an_image_without_a_line_is_named(tree):
    home = tree[0] / "img_align_celeba"
    (home / "000099.jpg").write_bytes((home / "000001.jpg").read_bytes())
    with pytest.raises(DataError, match=r"1 image.*no line.*000099\.jpg"):
        make(tree[0])


def test_a_damaged_jpeg_is_named_when_it_is_read(elements, tree):
    path = tree[0] / "img_align_celeba" / "000006.jpg"
    path.write_bytes(path.read_bytes()[:100])
    data = make(tree[0])
    with (
        pytest.raises(DataError, match=r"000006\.jpg cannot be decoded"),
        data.reading(),
    ):
        elements(data.test.dataset())
    assert make(tree[0], on_corrupt="skip").test.num_samples == 1


def test_a_wrong_choice_is_named(tree):
    with pytest.raises(ConfigError, match=r"`data\.tasks`.*groups, attributes"):
        make(tree[0], tasks="faces")
