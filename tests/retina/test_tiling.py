import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mtl.retina.tiling import blended, tile_axis


@settings(max_examples=60)
@given(
    side=st.integers(1, 500),
    longest=st.integers(2, 12).map(lambda n: 16 * n),
    overlap=st.integers(0, 31),
)
def test_the_tiles_cover_the_axis_and_their_weights_sum_to_one(
    side, longest, overlap
):
    axis = tile_axis(side, longest, overlap, multiple=16)
    assert axis.length % 16 == 0
    assert axis.length <= longest
    whole = np.zeros(max(side, axis.length))
    for start, weights in zip(axis.starts, axis.weights, strict=True):
        assert weights.min() > 0
        whole[start : start + axis.length] += weights
    np.testing.assert_allclose(whole[:side], 1, rtol=1e-5)
    gaps = np.diff(axis.starts)
    assert all(axis.length - gap >= overlap for gap in gaps)


def test_hardly_more_pixels_than_the_image_has():
    rows, columns = tile_axis(2336, 768, 32, 16), tile_axis(3504, 768, 32, 16)
    pixels = rows.length * len(rows.starts)
    pixels *= columns.length * len(columns.starts)
    assert pixels / (2336 * 3504) < 1.1


def test_what_depends_on_each_pixel_alone_is_as_without_tiles():
    image = np.random.default_rng(0).normal(size=(45, 70, 3)).astype("float32")
    shapes = []

    def predict(tile):
        shapes.append(tile.shape)
        return {"a": 2 * tile[..., :1], "b": tile**2}

    axes = tile_axis(45, 32, 8, 4), tile_axis(70, 32, 8, 4)
    found = blended(predict, image, *axes)
    np.testing.assert_allclose(found["a"], 2 * image[..., :1], atol=1e-5)
    np.testing.assert_allclose(found["b"], image**2, atol=1e-5)
    assert set(shapes) == {(1, 28, 32, 3)}


def test_an_image_smaller_than_a_tile_is_continued():
    image = np.arange(6, dtype="float32").reshape(2, 3, 1)
    axes = tile_axis(2, 8, 0, 4), tile_axis(3, 8, 0, 4)
    tiles = []

    def predict(tile):
        tiles.append(tile[0, ..., 0])
        return {"a": tile}

    found = blended(predict, image, *axes)
    np.testing.assert_array_equal(found["a"], image)
    assert tiles[0].tolist() == [[0, 1, 2, 2], *[[3, 4, 5, 5]] * 3]


def test_between_two_tiles_the_change_is_gradual():
    values = iter((0.0, 1.0))

    def predict(tile):
        return {"a": np.full_like(tile, next(values))}

    axes = tile_axis(4, 4, 0), tile_axis(24, 16, 8)
    found = blended(predict, np.zeros((4, 24, 1), "float32"), *axes)
    row = found["a"][0, :, 0]
    assert row[:8].tolist() == [0] * 8
    assert row[16:].tolist() == [1] * 8
    assert (np.diff(row[7:17]) > 0).all()


def test_numbers_that_do_not_fit():
    with pytest.raises(ValueError, match=r"Received: side=9, longest=8, ov"):
        tile_axis(9, 8, 8)
    with pytest.raises(ValueError, match="multiple=16"):
        tile_axis(9, 24, 8, 16)
