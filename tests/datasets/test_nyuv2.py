import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_mtl.datasets import load
from keras_mtl.errors import ConfigError, DataError


def make(root, **options):
    options = {"validation": 0, "batch_size": 3, **options}
    return load("nyuv2", dir=str(root), **options)


def whole(elements, split):
    """All samples of a split in one element."""
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


def test_arrays_are_read_as_they_are(elements, nyuv2_tree):
    root, parts = nyuv2_tree
    data = make(root)
    x, y, w = whole(elements, data.test)
    stored = parts["val"]
    np.testing.assert_array_equal(x, stored["image"])
    labels = stored["label"].astype(int)
    np.testing.assert_array_equal(y["segmentation"], np.maximum(labels, 0))
    np.testing.assert_array_equal(w["segmentation"], labels >= 0)
    np.testing.assert_array_equal(y["depth"], stored["depth"])
    np.testing.assert_array_equal(w["depth"], stored["depth"][..., 0] > 0)
    np.testing.assert_allclose(y["normals"], stored["normal"], atol=1e-6)
    assert set(w["normals"][:, :, 0].flat) == {0}
    assert w["normals"][:, :, 1:].min() == 1
    assert y["segmentation"].dtype == np.int32
    assert data.input_shape == (6, 8, 3)
    assert [s.num_samples for s in (data.train, data.test)] == [12, 5]
    assert data.validation is None


def test_the_number_of_batches_is_known(nyuv2_tree):
    data = make(nyuv2_tree[0])
    for split, number in ((data.train, 4), (data.test, 2)):
        assert int(split.dataset().cardinality()) == split.num_batches == number
    endless = tf.data.INFINITE_CARDINALITY
    assert int(data.train_stream().cardinality()) == endless


def test_images_are_read_as_they_are(elements, nyuv2_images):
    root, parts = nyuv2_images
    x, y, w = whole(elements, make(root).test)
    stored = parts["val"]
    np.testing.assert_allclose(x, stored["image"] / np.float32(255))
    labels = stored["label13"].astype(int)
    np.testing.assert_array_equal(y["segmentation"], np.maximum(labels - 1, 0))
    np.testing.assert_array_equal(w["segmentation"], labels > 0)
    metres = stored["depth"][..., None] / 25.5
    np.testing.assert_allclose(y["depth"], metres, rtol=1e-6)
    assert "normals" not in y


def test_forty_classes_are_those_of_the_file(elements, nyuv2_images):
    root, parts = nyuv2_images
    data = make(root, classes=40, tasks=["segmentation"])
    _, y, w = whole(elements, data.test)
    np.testing.assert_array_equal(y["segmentation"], parts["val"]["label40"])
    assert w["segmentation"].min() == 1
    assert data.tasks["segmentation"].num_outputs == 40


def test_a_mask_for_each_class(elements, nyuv2_tree):
    root, parts = nyuv2_tree
    data = make(root, segmentation="per_class")
    assert len(data.tasks) == 15
    _, y, w = whole(elements, data.test)
    labels = parts["val"]["label"]
    np.testing.assert_array_equal(y["sofa"][..., 0], labels == 8)
    np.testing.assert_array_equal(w["sofa"], labels >= 0)


def test_nearest_neighbour_for_all_but_the_image(elements, nyuv2_tree):
    root, parts = nyuv2_tree
    data = make(root, size=[3, 4])
    _, y, w = whole(elements, data.test)
    stored = parts["val"]
    np.testing.assert_array_equal(y["depth"], stored["depth"][:, 1::2, 1::2])
    small = stored["label"][:, 1::2, 1::2]
    np.testing.assert_array_equal(w["segmentation"], small >= 0)
    length = np.linalg.norm(y["normals"], axis=-1)
    np.testing.assert_allclose(length, w["normals"], atol=1e-6)


@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_caches_change_nothing(elements, same, nyuv2_tree, tmp_path, cache):
    root, _ = nyuv2_tree
    plain = make(root, size=[3, 4])
    cached = make(
        root, size=[3, 4], cache=cache, cache_dir=str(tmp_path / "cache")
    )
    assert plain.fingerprint == cached.fingerprint
    for epoch in (0, 1):
        assert same(
            elements(plain.train.dataset(epoch)),
            elements(cached.train.dataset(epoch)),
        )


def test_a_stream_can_begin_anywhere(elements, same, nyuv2_tree):
    data = make(nyuv2_tree[0], batch_size=5)
    whole = elements(data.train_stream(), 6)
    for epoch, batch in ((0, 1), (1, 0), (1, 1)):
        rest = whole[2 * epoch + batch :]
        got = elements(data.train_stream(epoch, batch), len(rest))
        assert same(got, rest)


def test_the_samples_held_out_are_those_of_the_seed(elements, nyuv2_tree):
    root, _ = nyuv2_tree
    first, again, other = (
        make(root, validation=4, split_seed=seed) for seed in (0, 0, 1)
    )
    read = [
        elements(one.validation.dataset())[0][0]
        for one in (first, again, other)
    ]
    np.testing.assert_array_equal(read[0], read[1])
    assert not np.array_equal(read[0], read[2])
    assert first.train.num_samples == 8


def test_a_wrong_folder_names_what_is_expected(tmp_path):
    with pytest.raises(DataError, match=r"not a folder.*train/ and val/"):
        make(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"lacks train/image, val/image.*mtan"):
        make(tmp_path)
    with pytest.raises(ConfigError, match=r"`data\.dir` must be the folder"):
        load("nyuv2")


def test_half_of_the_data_is_refused(nyuv2_tree):
    root, _ = nyuv2_tree
    (root / "val" / "depth" / "3.npy").unlink()
    with pytest.raises(DataError, match=r"no counterpart in .*depth.*3\.npy"):
        make(root)


def test_an_array_of_another_size_is_named(nyuv2_tree):
    root, _ = nyuv2_tree
    np.save(root / "train" / "label" / "7.npy", np.zeros((3, 4)))
    with pytest.raises(DataError, match=r"7\.npy holds float64 of shape \(3,"):
        make(root)


def test_pickled_objects_are_refused(nyuv2_tree):
    root, _ = nyuv2_tree
    path = root / "train" / "depth" / "2.npy"
    np.save(path, np.array([{}]), allow_pickle=True)
    with pytest.raises(DataError, match=r"2\.npy holds object values"):
        make(root)


def test_an_unknown_label_is_named_when_it_is_read(elements, nyuv2_tree):
    root, _ = nyuv2_tree
    np.save(root / "val" / "label" / "2.npy", np.full((6, 8), 13.0))
    data = make(root)
    with (
        pytest.raises(DataError, match=r"2\.npy has ids.*0\.\.12, 255"),
        data.reading(),
    ):
        elements(data.test.dataset())


def test_a_mask_of_another_size_is_named(nyuv2_images):
    root, _ = nyuv2_images
    mask = Image.fromarray(np.zeros((3, 4), np.uint8))
    mask.save(root / "train" / "label13" / "6.png")
    with pytest.raises(DataError, match=r"6\.png is 3x4 .* is 6x8"):
        make(root)


def cut(path):
    path.write_bytes(path.read_bytes()[:-30])


def test_a_damaged_image_is_named_when_it_is_read(elements, nyuv2_images):
    root, _ = nyuv2_images
    cut(root / "val" / "image" / "3.png")
    data = make(root)
    with (
        pytest.raises(DataError, match=r"image/3\.png cannot be decoded"),
        data.reading(),
    ):
        elements(data.test.dataset())


def test_damaged_images_can_be_left_out(elements, nyuv2_images, caplog):
    root, parts = nyuv2_images
    cut(root / "val" / "image" / "3.png")
    data = make(root, on_corrupt="skip")
    assert data.test.num_samples == 2
    x, _, _ = elements(data.test.dataset())[0]
    np.testing.assert_allclose(
        x, parts["val"]["image"][[0, 2]] / np.float32(255)
    )
    assert "test split: 1 of 3 samples left out" in caplog.text
    assert "image/3.png cannot be decoded: Invalid PNG data" in caplog.text


def test_files_that_are_no_images_can_be_left_out(nyuv2_images, caplog):
    root, _ = nyuv2_images
    (root / "train" / "image" / "0.png").write_bytes(b"")
    (root / "val" / "depth" / "6.png").write_text("no image")
    data = make(root, on_corrupt="skip")
    sizes = [split.num_samples for split in (data.train, data.test)]
    assert sizes == [5, 2]
    assert data.input_shape == (6, 8, 3)
    assert "train split: 1 of 6 samples left out" in caplog.text
    with pytest.raises(DataError, match=r"image/0\.png is not a readable"):
        make(root)


def test_arrays_that_cannot_be_read_can_be_left_out(
    elements, nyuv2_tree, caplog
):
    root, parts = nyuv2_tree
    home = root / "val"
    (home / "image" / "0.npy").write_bytes(b"")
    np.save(home / "label" / "2.npy", np.array([{}], object))
    cut(home / "depth" / "3.npy")
    data = make(root, on_corrupt="skip")
    x, _, _ = whole(elements, data.test)
    np.testing.assert_array_equal(x, parts["val"]["image"][[1, 4]])
    assert "test split: 3 of 5 samples left out" in caplog.text
    skipped = data.options["skipped"]["test"]
    assert [("pickled" in text) for text in skipped].count(True) == 1


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("classes", 14, "13 or 40"),
        ("classes", 40, "arrays of MTAN have 13"),
        ("tasks", ["depth", "depth"], "once each"),
        ("tasks", [], "once each"),
        ("tasks", ["pose"], "segmentation, depth, normals"),
        ("size", [0, 4], "above 0"),
        ("cache", "tape", "none, memory, disk"),
        ("on_corrupt", "cry", "fail, skip"),
    ],
)
def test_wrong_options_are_named(nyuv2_tree, option, value, expected):
    with pytest.raises(ConfigError, match=rf"`data\.{option}`.*{expected}"):
        make(nyuv2_tree[0], **{option: value})


def test_normals_that_are_not_there_are_refused(nyuv2_images):
    with pytest.raises(DataError, match=r"no normal/, which the task"):
        make(nyuv2_images[0], tasks=["normals"])


@pytest.mark.data
def test_the_real_release(data_dir, elements):
    data = load("nyuv2", dir=data_dir("NYUv2"), size=[72, 96], validation=0)
    assert (data.train.num_samples, data.test.num_samples) == (795, 654)
    assert sorted(data.tasks) == ["depth", "segmentation"]
    _, y, w = elements(data.test.dataset(), 1)[0]
    assert 1 < y["depth"].mean() < 6
    assert 0.5 < w["segmentation"].mean() < 1
