import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mtl.datasets.canvas import Canvas
from keras_mtl.datasets.labelled_images import LabelledImages
from keras_mtl.datasets.standardise import Standardise
from keras_mtl.datasets.two_digit_source import TwoDigitSource

NUM_IMAGES = 12


def make(num_images=NUM_IMAGES, **options):
    generator = np.random.default_rng(0)
    images = LabelledImages(
        generator.integers(0, 17, (num_images, 8, 8), dtype=np.uint8),
        # Each image has a label of its own, so that labels tell images.
        np.arange(num_images),
    )
    options = {"seed": 0, "part": "train", **options}
    source = TwoDigitSource(
        images,
        canvas=Canvas(12, (4, 4), 24),
        standardise=Standardise(maximum=16.0),
        **options,
    )
    return source, images


def partners(source, epoch=0):
    return source.columns(tf.constant(epoch, tf.int64))["partner"].numpy()


@pytest.mark.parametrize("fresh", [False, True])
def test_pictures_are_both_digits_and_labels_theirs(fresh):
    """Oracle: loops, one pixel at a time."""
    source, images = make(fresh=fresh, num_samples=30)
    drawn = partners(source, epoch=2)
    index = np.array([29, 0, 13, 5])
    picture, labels = source.batch(
        tf.constant(index), {"partner": tf.constant(drawn[index])}
    )
    assert picture.shape == (4, 24, 24, 1) == (4, *source.shape)
    assert labels["left"].numpy().tolist() == [29 % 12, 0, 1, 5]
    assert labels["right"].numpy().tolist() == drawn[index].tolist()
    for n, i in enumerate(index):
        left = images.images[i % NUM_IMAGES]
        right = images.images[drawn[i]]
        for row in range(24):
            for column in range(24):
                y, x = row // 2, column // 2
                values = [0.0]
                if y < 8 and x < 8:
                    values.append(left[y, x] / 16)
                if y >= 4 and x >= 4:
                    values.append(right[y - 4, x - 4] / 16)
                assert picture[n, row, column, 0] == max(values)


@settings(max_examples=20)
@given(st.integers(2, 30), st.integers(0, 99), st.integers(0, 5))
def test_a_partner_is_another_image_of_the_same_part(size, seed, epoch):
    source, _ = make(size, seed=seed, fresh=True, num_samples=3 * size)
    drawn = partners(source, epoch)
    assert drawn.min() >= 0
    assert drawn.max() < size
    assert np.all(drawn != np.arange(3 * size) % size)


def test_every_other_image_is_equally_likely():
    source, _ = make(5, num_samples=20_000)
    left, right = np.arange(20_000) % 5, partners(source)
    counts = np.zeros((5, 5))
    np.add.at(counts, (left, right), 1)
    others = counts[~np.eye(5, dtype=bool)]
    assert np.all(np.abs(others - 1000) < 160)


def test_fixed_partners_stay_and_fresh_ones_change():
    fixed, _ = make()
    fresh, _ = make(fresh=True)
    assert np.array_equal(partners(fixed, 0), partners(fixed, 7))
    assert not np.array_equal(partners(fresh, 0), partners(fresh, 7))
    assert np.array_equal(partners(fresh, 7), partners(fresh, 7))


def test_seeds_and_parts_draw_different_partners():
    drawn = [
        tuple(partners(make(seed=seed, part=part)[0]))
        for seed in (0, 1)
        for part in ("train", "test")
    ]
    assert len(set(drawn)) == 4
