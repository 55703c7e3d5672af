"""Regions: box and ball, against NumPy."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from keras_mtl.backend.projection import Projection, clip_to_ball, clip_to_box

numbers = st.floats(-10, 10, width=32)
vectors = arrays("float64", 6, elements=numbers)


def parts(vector):
    return [vector[:2], vector[2:].reshape(2, 2)]


def joined(tensors):
    return np.concatenate([np.ravel(t) for t in tensors])


@given(vectors, vectors, st.floats(0, 5))
def test_the_box_is_numpy_clip(values, centre, bound):
    found, share = clip_to_box(parts(values), parts(centre), bound)
    expected = np.clip(values, centre - bound, centre + bound)
    np.testing.assert_allclose(joined(found), expected, atol=1e-6)
    assert 0 <= float(share) <= 1


@given(vectors, vectors, st.floats(0, 5))
def test_the_ball_keeps_the_direction(values, centre, bound):
    found, far = clip_to_ball(parts(values), parts(centre), bound)
    step, moved = values - centre, joined(found) - centre
    norm = np.linalg.norm(step)
    if norm <= bound:
        np.testing.assert_array_equal(joined(found), values)
        assert float(far) == 0.0
        return
    np.testing.assert_allclose(moved, step * bound / norm, atol=1e-6)
    assert float(far) == 1.0


def test_the_share_counts_what_was_outside():
    values = np.array([0.0, 0.5, -3.0, 1.0])
    _, share = clip_to_box([values], [np.zeros(4)], 0.9)
    assert float(share) == 0.5


def test_what_is_not_a_number_is_not_hidden():
    values = np.array([np.nan, 2.0])
    (found,), _ = clip_to_box([values], [np.zeros(2)], 1.0)
    np.testing.assert_array_equal(found, [np.nan, 1.0])


def projection(region="clip", **options):
    variable = keras.Variable(np.zeros(3, "float32"))
    step = keras.Variable(2, dtype="int64")
    return variable, Projection((variable,), 0.5, step, region, **options)


@pytest.mark.parametrize(
    ("region", "expected"),
    [("clip", [0.5, 0.0, -0.5]), ("l2", [0.3, 0.0, -0.4])],
)
def test_a_step_is_put_back_to_around_where_it_began(region, expected):
    variable, region = projection(region)
    centre = region.centre()
    variable.assign([3.0, 0.0, -4.0])
    region.project(centre)
    np.testing.assert_allclose(variable.numpy(), expected, rtol=1e-6)


def test_a_step_is_put_back_to_around_its_anchor():
    anchor = keras.Variable(np.full(3, 2.0, "float32"))
    variable, region = projection(anchors=(anchor,))
    centre = region.centre()
    variable.assign([3.0, 2.1, -4.0])
    assert float(region.project(centre)) == pytest.approx(2 / 3)
    np.testing.assert_allclose(variable.numpy(), [2.5, 2.1, 1.5], rtol=1e-6)


@pytest.mark.parametrize("kind", ["clip", "l2"])
def test_there_is_no_region_during_the_warmup(kind):
    variable, region = projection(kind, warmup=2)
    centre = region.centre()
    variable.assign([3.0, 0.0, -4.0])
    assert float(region.project(centre)) == 0.0
    np.testing.assert_array_equal(variable.numpy(), [3.0, 0.0, -4.0])
