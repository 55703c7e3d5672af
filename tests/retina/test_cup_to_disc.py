import math

import numpy as np
import pytest

from keras_mtl.retina import vertical_cup_to_disc_ratio


def ellipse(height, width, shape=(64, 48)):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    row, column = shape[0] / 2 - 0.5, shape[1] / 2 - 0.5
    return (
        ((rows - row) / (height / 2)) ** 2
        + ((columns - column) / (width / 2)) ** 2
    ) <= 1


@pytest.mark.parametrize(("disc", "cup"), [(40, 20), (50, 10), (30, 30)])
def test_ellipses(disc, cup):
    # Width does not matter.
    found = vertical_cup_to_disc_ratio(ellipse(disc, 20), ellipse(cup, 9))
    assert found.value == pytest.approx(cup / disc, abs=0.05)
    assert found.reason is None


def test_gaps_count_to_the_height():
    disc = np.zeros((10, 3))
    disc[[2, 9], 1] = 1
    cup = np.zeros((10, 3))
    cup[4:6, 0] = 1
    assert vertical_cup_to_disc_ratio(disc, cup).value == 2 / 8


def test_what_is_undefined_or_odd_is_said():
    empty, full = np.zeros((4, 4)), np.ones((4, 4))
    found = vertical_cup_to_disc_ratio(empty, full)
    assert math.isnan(found.value)
    assert found.reason == "no optic disc was found"
    found = vertical_cup_to_disc_ratio(full, empty)
    assert found == (0.0, "no optic cup was found")
    found = vertical_cup_to_disc_ratio(np.eye(4, k=2), full)
    assert found == (2.0, "the cup is higher than the disc")


@pytest.mark.parametrize("shape", [(4, 5), (4, 4, 1)])
def test_shapes_that_do_not_fit_are_refused(shape):
    with pytest.raises(ValueError, match=r"one shape.*disc.shape=\(4, 4"):
        vertical_cup_to_disc_ratio(np.ones((4, 4)), np.ones(shape))
