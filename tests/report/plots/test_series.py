import math

import numpy as np
import pytest

from keras_mtl.report.plots.series import summary


def test_mean_and_deviation_at_every_place():
    curves = [{1.0: 2.0, 2.0: 4.0}, {2.0: 8.0, 1.0: 4.0, 3.0: 1.0}]
    found = summary(curves)
    assert [point[0] for point in found] == [1.0, 2.0, 3.0]
    assert [point[1] for point in found] == [3.0, 6.0, 1.0]
    assert found[0][2] == pytest.approx(np.std([2, 4], ddof=1))
    assert summary(curves, is_sample=False)[0][2] == pytest.approx(1.0)
    assert found[2][2] is None


def test_what_is_not_finite_is_left_out():
    found = summary([{1: math.nan, 2: 1.0}, {1: math.inf}])
    assert found == [(2, 1.0, None)]
