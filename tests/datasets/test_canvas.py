import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_mtl.datasets.canvas import Canvas

SETTINGS = [
    # side, offset, size
    (36, (6, 6), 28),  # the published form
    (36, (6, 6), 36),
    (36, (8, 0), 20),
    (48, (5, 20), 31),
    (36, (3, 7), 72),
]


def images():
    generator = np.random.default_rng(3)
    return generator.integers(0, 256, (4, 28, 28), dtype=np.uint8)


def combined(canvas, first, second):
    pixels = np.maximum(canvas.left(first), canvas.right(second))
    return pixels.reshape(-1, canvas.size, canvas.size)


@pytest.mark.parametrize(("side", "offset", "size"), SETTINGS)
def test_placing_equals_drawing_then_resizing(side, offset, size):
    """Oracle: loops over pixels of the canvas, and of the result."""
    row, column = offset
    first, second = images(), images()[::-1]
    result = combined(Canvas(side, offset, size), first, second)
    for a, b, picture in zip(first, second, result, strict=True):
        drawn = [[0] * side for _ in range(side)]
        for i in range(28):
            for j in range(28):
                drawn[i][j] = max(drawn[i][j], int(a[i, j]))
                seen = drawn[i + row][j + column]
                drawn[i + row][j + column] = max(seen, int(b[i, j]))
        for i in range(size):
            for j in range(size):
                expected = drawn[int((i + 0.5) * side / size)][
                    int((j + 0.5) * side / size)
                ]
                assert picture[i, j] == expected


@pytest.mark.parametrize(("side", "offset", "size"), SETTINGS)
def test_the_resize_is_that_of_tensorflow(side, offset, size):
    first, second = images(), images()[::-1]
    whole = combined(Canvas(side, offset, side), first, second)
    resized = tf.image.resize(whole[..., None], (size, size), "nearest")
    result = combined(Canvas(side, offset, size), first, second)
    np.testing.assert_array_equal(result, resized[..., 0])


def test_the_published_resize_is_that_of_pillow():
    first, second = images(), images()[::-1]
    whole = combined(Canvas(36, (6, 6), 36), first, second)
    result = combined(Canvas(36, (6, 6), 28), first, second)
    for picture, expected in zip(whole, result, strict=True):
        resized = Image.fromarray(picture).resize((28, 28), Image.NEAREST)
        np.testing.assert_array_equal(resized, expected)


def test_without_overlap_both_pictures_are_whole():
    (first, second, *_) = images()
    result = combined(Canvas(56, (28, 28), 56), first[None], second[None])
    picture = Image.fromarray(result[0])
    np.testing.assert_array_equal(picture.crop((0, 0, 28, 28)), first)
    np.testing.assert_array_equal(picture.crop((28, 28, 56, 56)), second)
    assert not np.any(picture.crop((28, 0, 56, 28)))


def test_the_dtype_stays():
    assert Canvas(36, (6, 6), 28).left(images()).dtype == np.uint8
