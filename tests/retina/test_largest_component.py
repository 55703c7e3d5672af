import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from keras_mtl.retina import largest_component

CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])


def test_the_largest_region_stays():
    mask = np.zeros((8, 9), bool)
    mask[1:4, 1:4] = True
    mask[5:7, 5:8] = True
    expected = mask.copy()
    expected[5:7] = False
    np.testing.assert_array_equal(largest_component(mask), expected)


@given(arrays("bool", (7, 8)))
def test_it_is_connected_and_none_is_larger(mask):
    for connectivity, touching in ((1, CROSS), (2, np.ones((3, 3)))):
        kept = largest_component(mask, connectivity)
        assert not (kept & ~mask).any()
        regions, number = ndimage.label(mask, touching)
        sizes = ndimage.sum_labels(mask, regions, range(1, number + 1))
        assert kept.sum() == max(sizes, default=0)
        assert ndimage.label(kept, touching)[1] == min(number, 1)


def test_corners_connect_or_not():
    mask = np.eye(3)
    assert largest_component(mask).sum() == 3
    assert largest_component(mask, connectivity=1).sum() == 1


def test_the_first_of_equals_is_kept():
    kept = largest_component(np.array([[0, 1, 0, 1]]))
    np.testing.assert_array_equal(kept, [[False, True, False, False]])


@pytest.mark.parametrize(
    ("mask", "connectivity", "message"),
    [
        (np.zeros((2, 2, 1)), 2, r"mask.shape=\(2, 2, 1\)"),
        (np.zeros((2, 2)), 3, "connectivity=3"),
    ],
)
def test_what_does_not_fit_is_refused(mask, connectivity, message):
    with pytest.raises(ValueError, match=message):
        largest_component(mask, connectivity)


def test_without_scipy_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match=r"keras-mtl\[medical\]"):
        largest_component(np.ones((2, 2)))
