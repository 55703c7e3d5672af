import numpy as np
import pytest
from PIL import Image

from keras_mtl.datasets import load
from keras_mtl.errors import ConfigError, DataError

SHAPE = (20, 28)
COLOURS = np.array(
    [[0, 0, 0], [255, 0, 0], [0, 0, 255], [0, 255, 0], [255] * 3], np.uint8
)


@pytest.fixture
def tree(tmp_path):
    """Six photographs with colours of vessels, and the field of view."""
    generator = np.random.default_rng(0)
    kept = {}
    for folder in ("images", "manual_av", "manual1", "mask"):
        (tmp_path / folder).mkdir()
    for i in range(1, 4):
        for letter in ("h", "dr"):
            name = f"{i:02d}_{letter}"
            codes = generator.integers(0, 5, SHAPE)
            view = (generator.random(SHAPE) < 0.8).astype(np.uint8) * 255
            pixels = generator.integers(0, 256, (*SHAPE, 3), np.uint8)
            kept[name] = codes, view, pixels
            for path, array in (
                (f"images/{name}.png", pixels),
                (f"manual_av/{name}_AVmanual.png", COLOURS[codes]),
                (f"manual1/{name}.tif", (codes > 0).astype(np.uint8) * 255),
                (f"mask/{name}_mask.tif", view),
            ):
                Image.fromarray(array).save(tmp_path / path)
    return tmp_path, kept


SPLIT = {"train": ["01_h", "02_h", "03_h"], "test": ["01_dr", "02_dr"]}


def make(root, **options):
    options = {"batch_size": 2, "crop": None, **options}
    return load("hrf_av", dir=str(root), **options)


def whole(elements, split):
    batches = elements(split.dataset())
    x = np.concatenate([batch[0] for batch in batches])
    parts = [
        {
            task: np.concatenate([batch[part][task] for batch in batches])
            for task in batches[0][part]
        }
        for part in (1, 2)
    ]
    return x, *parts


def test_arteries_veins_and_what_does_not_count(tree, elements):
    root, kept = tree
    data = make(root, split=SPLIT)
    assert data.tasks["artery_vein"].class_names == ("artery", "vein")
    x, y, w = whole(elements, data.test)
    for i, name in enumerate(SPLIT["test"]):
        codes, view, pixels = kept[name]
        np.testing.assert_allclose(x[i], pixels / np.float32(255))
        maps = y["artery_vein"][i]
        np.testing.assert_array_equal(maps[..., 0], np.isin(codes, (1, 3)))
        np.testing.assert_array_equal(maps[..., 1], np.isin(codes, (2, 3)))
        np.testing.assert_array_equal(y["vessels"][i, ..., 0], codes > 0)
        np.testing.assert_array_equal(w["vessels"][i], view > 0)
        counted = (view > 0) & (codes != 4)
        np.testing.assert_array_equal(w["artery_vein"][i], counted)


def test_a_third_is_for_training_whatever_the_order(tree):
    data = make(tree[0], crop=(8, 8), overlap=2, crops_per_image=5)
    again = make(tree[0], crop=(8, 8), overlap=2, split_seed=1)
    files = [
        {*d.train.source.records.files["image"].paths} for d in (data, again)
    ]
    assert [len(names) for names in files] == [2, 2]
    assert files[0] != files[1]
    assert data.train.num_samples == 10
    assert data.validation is None
    assert data.input_shape == (8, 8, 3)


@pytest.mark.parametrize("cache", ["none", "memory"])
def test_tiles_put_together_are_the_image(tree, elements, cache):
    root, kept = tree
    options = {"crop": (8, 12), "overlap": 3, "split": SPLIT, "cache": cache}
    data = make(root, **options, batch_size=3)
    x, y, w = whole(elements, data.test)
    number = data.test.num_samples // 2
    codes, view, pixels = kept["01_dr"]
    total = sum(w["vessels"][i].sum() for i in range(number))
    assert total == (view > 0).sum()
    yes = sum(
        (w["vessels"][i] * y["vessels"][i, ..., 0]).sum() for i in range(number)
    )
    assert yes == ((view > 0) & (codes > 0)).sum()
    np.testing.assert_allclose(x[0], pixels[:8, :12] / np.float32(255))
    np.testing.assert_allclose(
        x[number - 1], pixels[-8:, -12:] / np.float32(255)
    )


def test_crops_are_windows_drawn_anew_each_epoch(tree, elements, same):
    root, kept = tree
    options = {"crop": (6, 7), "overlap": 2, "split": SPLIT, "cache": "memory"}
    train = make(root, **options, crops_per_image=4, seed=3).train
    first, again, other = (
        elements(train.dataset(epoch)) for epoch in (0, 0, 1)
    )
    assert same(first, again)
    assert not same(first, other)
    windows = {
        kept[name][2][i : i + 6, j : j + 7].tobytes(): (name, i, j)
        for name in SPLIT["train"]
        for i in range(SHAPE[0] - 5)
        for j in range(SHAPE[1] - 6)
    }
    places = set()
    for x, y, _ in first:
        for image, maps in zip(x, y["vessels"], strict=True):
            pixels = np.rint(image * 255).astype(np.uint8)
            name, i, j = windows[pixels.tobytes()]
            codes = kept[name][0][i : i + 6, j : j + 7]
            np.testing.assert_array_equal(maps[..., 0], codes > 0)
            places.add((name, i, j))
    assert {name for name, _, _ in places} == set(SPLIT["train"])
    assert len(places) > 6


def test_an_unknown_colour_is_named(tree):
    path = tree[0] / "manual_av/02_dr_AVmanual.png"
    Image.fromarray(np.full((*SHAPE, 3), [255, 255, 0], np.uint8)).save(path)
    data = make(tree[0], split=SPLIT)
    with (
        pytest.raises(DataError, match=r"02_dr_AVmanual\.png has a colour"),
        data.reading(),
    ):
        list(data.test.dataset())


def test_a_missing_field_of_view_is_named(tree):
    (tree[0] / "mask/03_h_mask.tif").unlink()
    with pytest.raises(DataError, match=r"03_h\.png has no map of field of"):
        make(tree[0], missing="unlabelled")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"crop": (21, 8)}, "at most the 20x28"),
        ({"crop": (8, 8), "overlap": 8}, "less than `data.crop`"),
        ({"crops_per_image": 0}, "1 or more"),
        ({"tasks": ["disc"]}, "some of artery_vein, vessels"),
    ],
)
def test_wrong_options_are_refused(tree, options, expected):
    with pytest.raises(ConfigError, match=expected):
        make(tree[0], **options)


@pytest.mark.data
def test_the_real_hrf(data_dir, elements):
    data = load("hrf_av", dir=data_dir("HRF"), size=(85, 128), crop=(64, 64))
    images = [len(split.source.records) for split in (data.train, data.test)]
    assert images == [15, 30]
    x, y, w = elements(data.test.dataset(), 1)[0]
    assert x.shape == (4, 64, 64, 3)
    assert 0.02 < y["vessels"].mean() < 0.3
    assert y["artery_vein"].max(axis=-1).mean() > 0.02
    assert 0 < w["vessels"].mean() < 1
