import numpy as np
import pytest
from PIL import Image, ImageChops

from keras_mtl.datasets import load
from keras_mtl.errors import ConfigError, DataError


@pytest.fixture
def data(release_dir):
    return load("multi_mnist", dir=release_dir, validation=20, batch_size=4)


def identity(images):
    """Which images of the made-up release are at the upper left.

    The first row of image `i` has the value `i`, and nothing overlaps it.
    """
    return np.rint((images[:, 0, 0, 0] * 0.3081 + 0.1307) * 255).astype(int)


def test_the_published_form_by_pillow(data, release, elements):
    """Oracle: the canvas drawn and resized by Pillow, from the labels."""
    images, labels = elements(data.test.dataset(), 1)[0]
    test = release["test_images"]
    for number in range(4):
        candidates = np.flatnonzero(
            release["test_labels"] == labels["right"][number]
        )
        drawn = []
        for partner in candidates:
            canvases = []
            for picture, corner in ((test[number], 0), (test[partner], 6)):
                canvas = Image.new("L", (36, 36))
                canvas.paste(Image.fromarray(picture), (corner, corner))
                canvases.append(canvas)
            both = ImageChops.lighter(*canvases)
            both = np.asarray(both.resize((28, 28), Image.NEAREST))
            drawn.append((both / 255 - 0.1307) / 0.3081)
        distances = [np.abs(images[number, ..., 0] - d).max() for d in drawn]
        assert min(distances) < 1e-5
        assert labels["left"][number] == release["test_labels"][number]


def test_no_image_of_one_part_is_in_another(data, elements):
    seen = {}
    for part in ("train", "validation", "test"):
        batches = elements(getattr(data, part).dataset())
        seen[part] = set(np.concatenate([identity(x) for x, _ in batches]))
    assert len(seen["train"]) == 40
    assert len(seen["validation"]) == 20
    assert seen["train"] | seen["validation"] == set(range(60))
    assert seen["test"] == set(range(100, 120))


def test_no_partner_comes_from_another_part(release_dir, elements):
    data = load(
        "multi_mnist",
        dir=release_dir,
        validation=20,
        batch_size=4,
        offset=(28, 28),
        size=56,
        pairs="fresh",
    )
    left, right = set(), set()
    for epoch in range(5):
        for images, _ in elements(data.train.dataset(epoch)):
            left |= set(identity(images))
            right |= set(identity(images[:, 28:, 28:]))
    assert right <= left
    assert len(left) == 40


def test_fixed_pairs_come_back_in_another_order(data, elements):
    def pairs(epoch):
        batches = elements(data.train.dataset(epoch))
        return [image.tobytes() for images, _ in batches for image in images]

    first, second = pairs(0), pairs(1)
    assert first != second
    assert sorted(first) == sorted(second)


def test_without_a_resize(release_dir):
    data = load(
        "multi_mnist",
        dir=release_dir,
        size=36,
        validation=0.5,
        batch_size=4,
    )
    assert data.input_shape == (36, 36, 1)
    assert data.validation.num_samples == 30


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"offset": (6, 29)}, r"`data\.offset` must be an integer in 0\.\.28"),
        ({"offset": 6}, r"`data\.offset` must be two integers"),
        ({"size": 0}, r"`data\.size` must be an integer"),
        ({"pairs": "random"}, r"`data\.pairs` must be one of fixed, fresh"),
        ({"validation": 60}, "asks for 60 of 60 samples"),
        ({"validation": 59, "batch_size": 4}, "`batch_size` is 4 .* 1 sampl"),
        ({"split_seed": 0.5}, r"`data\.split_seed` must be an integer"),
    ],
)
def test_wrong_options_are_named(release_dir, options, message):
    with pytest.raises(ConfigError, match=message):
        load("multi_mnist", dir=release_dir, **options)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(DataError, match="not a folder"):
        load("multi_mnist", dir=str(tmp_path / "nowhere"))


@pytest.mark.data
def test_the_published_form_of_the_real_files(data_dir, elements):
    data = load("multi_mnist", dir=data_dir("MNIST"), validation=0)
    assert data.train.num_samples == 60_000
    assert data.validation is None
    assert data.test.num_samples == 10_000
    assert data.input_shape == (28, 28, 1)
    images, labels = elements(data.test.dataset(), 1)[0]
    assert labels["left"][:5].tolist() == [7, 2, 1, 0, 4]
    assert images.min() == pytest.approx(-0.1307 / 0.3081)
    assert images.max() == pytest.approx((1 - 0.1307) / 0.3081)
