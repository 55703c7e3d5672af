import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.datasets.fundus.tiles import tile_axis


@given(st.data())
def test_every_pixel_counts_once_and_lies_in_its_tile(data):
    side = data.draw(st.integers(1, 60))
    length = data.draw(st.integers(1, side))
    overlap = data.draw(st.integers(0, length - 1))
    tiles = tile_axis(side, length, overlap)
    counted = np.zeros(side, int)
    for start, first, end in tiles:
        assert 0 <= start <= first < end <= start + length <= side
        counted[first:end] += 1
    assert set(counted) == {1}
    starts = [start for start, _, _ in tiles]
    for left, right in itertools.pairwise(starts):
        assert right - left <= length - overlap


def test_a_row_of_three_tiles():
    assert tile_axis(10, 4, 1) == [(0, 0, 3), (3, 3, 6), (6, 6, 10)]
