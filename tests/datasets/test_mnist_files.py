import keras
import numpy as np
import pytest

from keras_mtl.datasets.mnist_files import read_mnist
from keras_mtl.errors import ConfigError, DataError, OfflineError


@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("compress", [False, True])
def test_every_naming_is_read(release, write_release, compress, dotted):
    train, test = read_mnist(write_release(release, compress, dotted))
    np.testing.assert_array_equal(train.images, release["train_images"])
    np.testing.assert_array_equal(train.labels, release["train_labels"])
    np.testing.assert_array_equal(test.images, release["test_images"])
    np.testing.assert_array_equal(test.labels, release["test_labels"])


def test_a_missing_folder_is_named_with_its_source(tmp_path):
    with pytest.raises(DataError, match=r"nowhere'.*not a folder.*https://"):
        read_mnist(tmp_path / "nowhere")


def test_missing_files_are_listed_with_their_source(release_dir, tmp_path):
    (tmp_path / "train-labels-idx1-ubyte.gz").unlink()
    (tmp_path / "t10k-images-idx3-ubyte.gz").unlink()
    with pytest.raises(
        DataError,
        match=r"lacks train-labels-idx1-ubyte\.gz, t10k-images-idx3-ubyte\."
        r"gz\. .*zalandoresearch",
    ):
        read_mnist(release_dir, "fashion_mnist")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"train_labels": np.zeros(59, np.uint8)},
            "has 60 images and .*has 59 labels",
        ),
        (
            {"test_labels": np.full(20, 10, np.uint8)},
            r"t10k-labels.*20 label\(s\) outside 0..9; the first is 10",
        ),
        (
            {"test_images": np.zeros((20, 28, 27), np.uint8)},
            r"must hold 28x28 images. Received: shape \(20, 28, 27\)",
        ),
        (
            {
                "test_images": np.zeros((0, 28, 28), np.uint8),
                "test_labels": np.zeros(0, np.uint8),
            },
            "must hold 28x28 images",
        ),
    ],
)
def test_contents_that_do_not_fit_are_named(
    release, write_release, change, message
):
    with pytest.raises(DataError, match=message):
        read_mnist(write_release({**release, **change}))


def test_offline_says_to_pass_a_folder(monkeypatch):
    def fail():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)
    with pytest.raises(OfflineError, match=r"URL fetch.*`data\.dir`.*https"):
        read_mnist(None)


def test_what_keras_downloads_is_used(monkeypatch, release):
    train, test = (
        (release[f"{part}_images"], release[f"{part}_labels"])
        for part in ("train", "test")
    )
    monkeypatch.setattr(
        keras.datasets.fashion_mnist, "load_data", lambda: (train, test)
    )
    first, second = read_mnist(None, "fashion_mnist")
    assert (len(first), len(second)) == (60, 20)


def test_a_folder_must_be_a_path():
    with pytest.raises(ConfigError, match=r"`data\.dir` must be the path"):
        read_mnist(3)


@pytest.mark.data
@pytest.mark.parametrize(
    ("folder", "name"),
    [("MNIST", "mnist"), ("FashionMNIST", "fashion_mnist")],
)
def test_the_real_files(data_dir, folder, name):
    train, test = read_mnist(data_dir(folder), name)
    assert train.images.shape == (60_000, 28, 28)
    assert test.images.shape == (10_000, 28, 28)
    counts = np.bincount(test.labels)
    assert counts.sum() == 10_000
    assert len(counts) == 10
    if name == "fashion_mnist":
        assert set(counts) == {1000}
    else:
        assert counts.tolist()[:3] == [980, 1135, 1032]
