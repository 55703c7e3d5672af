import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from keras_mtl.report.statistics import (
    deviation,
    mean,
    paired_p_value,
    t_two_sided,
)

scores = st.lists(
    st.floats(-1e3, 1e3, allow_nan=False), min_size=2, max_size=12
)


@given(scores)
def test_mean_and_deviations_are_those_of_numpy(values):
    assert mean(values) == pytest.approx(np.mean(values), rel=1e-9, abs=1e-9)
    for is_sample in (False, True):
        expected = np.std(values, ddof=int(is_sample))
        found = deviation(values, is_sample)
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(scores, st.randoms(use_true_random=False))
def test_the_order_changes_no_digit(values, shuffler):
    shuffled = values.copy()
    shuffler.shuffle(shuffled)
    assert mean(shuffled) == mean(values)
    assert deviation(shuffled) == deviation(values)


def test_one_value_has_no_deviation():
    assert deviation([0.5]) is None
    assert deviation([]) is None


def test_a_mean_with_nan_is_nan():
    assert math.isnan(mean([1.0, math.nan]))


@pytest.mark.parametrize("degrees", range(1, 25))
def test_the_distribution_is_that_of_scipy(degrees):
    for t in (0.0, 0.1, 1.0, -2.5, 4.3, 30.0):
        expected = 2 * stats.t.sf(abs(t), degrees)
        assert t_two_sided(t, degrees) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_the_paired_test_is_that_of_scipy(count):
    generator = random.Random(count)
    first = [generator.gauss(0.8, 0.05) for _ in range(count)]
    second = [value + generator.gauss(0.02, 0.03) for value in first]
    expected = stats.ttest_rel(first, second).pvalue
    assert paired_p_value(first, second) == pytest.approx(expected, rel=1e-9)
    assert paired_p_value(second, first) == paired_p_value(first, second)


def test_a_single_pair_allows_no_claim():
    assert paired_p_value([0.1], [0.9]) is None
    assert paired_p_value([], []) is None


def test_equal_scores_are_equal_and_a_constant_difference_is_not():
    assert paired_p_value([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]) == 1.0
    assert paired_p_value([0.5, 0.75], [0.25, 0.5]) == 0.0
    # 0.3 - 0.2 and 0.2 - 0.1 differ by a rounding error alone.
    assert paired_p_value([0.3, 0.2], [0.2, 0.1]) == 0.0
