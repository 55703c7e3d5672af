import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from keras_mtl.metrics import FoveaDistance
from keras_mtl.retina import Fovea, fovea_distance, fovea_location

NUMBERS = np.random.default_rng(0)
PLACES = st.tuples(st.floats(20, 40), st.floats(20, 60))


def gaussian(row, column, shape=(60, 80), variance=50.0):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    squared = (rows - row) ** 2 + (columns - column) ** 2
    return np.exp(-squared / (2 * variance))


@given(PLACES, st.floats(-1, 1), st.floats(0.1, 3))
def test_background_and_scale_do_not_matter(place, background, scale):
    found = fovea_location(background + scale * gaussian(*place))
    assert found[:2] == pytest.approx(place, abs=0.05)
    assert found.reason is None


def test_the_published_form_is_the_plain_centre_of_mass():
    heat_map = 0.1 + gaussian(20, 60)
    found = fovea_location(heat_map, published=True)
    expected = ndimage.center_of_mass(heat_map)
    assert found[:2] == pytest.approx(expected)
    # It is far off: that is why it is not the default.
    assert fovea_distance(Fovea(20, 60), found) > 10


@pytest.mark.parametrize(
    ("heat_map", "published", "reason"),
    [
        (np.zeros((4, 4)), False, "flat"),
        (np.full((4, 4), np.nan), False, "not finite"),
        (-np.ones((4, 4)), True, "not positive"),
    ],
)
def test_what_is_undefined_says_why(heat_map, published, reason):
    found = fovea_location(heat_map, published)
    assert math.isnan(found.row)
    assert math.isnan(found.column)
    assert reason in found.reason
    assert math.isnan(fovea_distance(Fovea(1, 2), found))


def test_points_move_with_their_image():
    assert Fovea(0, 1).resized((2, 2), (4, 4)) == (0.5, 2.5, None)
    there = Fovea(10.0, 20.0).resized((256, 256), (2056, 2124))
    back = there.resized((2056, 2124), (256, 256))
    assert back[:2] == pytest.approx((10, 20))


def test_the_metric_of_the_network_measures_the_same():
    labels, outputs = (
        gaussian(*NUMBERS.uniform(20, 40, 2))[None, ..., None] for _ in range(2)
    )
    metric = FoveaDistance()
    metric.update_state(labels, outputs)
    expected = fovea_distance(
        fovea_location(labels[0, ..., 0]), fovea_location(outputs[0, ..., 0])
    )
    assert float(metric.result()) == pytest.approx(expected, rel=1e-4)


def test_axes_are_checked():
    with pytest.raises(ValueError, match=r"heat_map.shape=\(4, 4, 1\)"):
        fovea_location(np.zeros((4, 4, 1)))
