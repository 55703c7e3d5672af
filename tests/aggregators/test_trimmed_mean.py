import numpy as np
import pytest
from scipy import stats

from keras_mtl.aggregators import TrimmedMean, trimmed_mean


def test_it_agrees_with_scipy():
    stack = np.random.default_rng(0).normal(size=(5, 2, 3))
    expected = stats.trim_mean(stack, 0.2, axis=0)
    np.testing.assert_allclose(trimmed_mean(stack, 1), expected)


def test_few_present_tasks_are_trimmed_less():
    stack = np.array([[1.0], [5.0], [9.0], [7.0]], "float32")
    present = np.array([True, False, True, False])
    np.testing.assert_allclose(trimmed_mean(stack, 1, present), [5])


def test_too_few_tasks_are_refused():
    with pytest.raises(ValueError, match="needs at least 3 tasks"):
        TrimmedMean().check_tasks(["a", "b"])
    with pytest.raises(ValueError, match="`trim` must be at least 0"):
        TrimmedMean(trim=-1)
