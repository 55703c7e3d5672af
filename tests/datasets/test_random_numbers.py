import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from keras_mtl.datasets.random_numbers import key, permutation, uniform
from keras_mtl.errors import ConfigError


def order(size, seed, epoch):
    return permutation(size, seed, tf.constant(epoch, tf.int64)).numpy()


@given(st.integers(1, 200), st.integers(0, 2**63 - 1), st.integers(0, 2**40))
def test_every_index_comes_exactly_once(size, seed, epoch):
    assert sorted(order(size, seed, epoch)) == list(range(size))


def test_consecutive_epochs_are_uncorrelated():
    orders = np.array([order(60, key(0, "order"), e) for e in range(400)])
    shifts = (np.diff(orders, axis=0) % 60).ravel()
    assert stats.chisquare(np.bincount(shifts, minlength=60)).pvalue > 1e-4
    assert stats.chisquare(np.bincount(orders[:, 0])).pvalue > 1e-4


@given(st.integers(1, 100), st.integers(1, 50))
def test_uniform_stays_below_its_limit(size, limit):
    values = uniform(size, limit, 1, tf.constant(3, tf.int64)).numpy()
    assert values.shape == (size,)
    assert values.min() >= 0
    assert values.max() < limit


def test_keys_differ_by_seed_and_by_stream():
    keys = {key(s, name) for s in range(50) for name in ("order", "parts")}
    assert len(keys) == 100
    assert max(keys) < 2**63


@pytest.mark.parametrize("seed", [-1, 1.5, "0", True])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(ConfigError, match=r"`data.seed` must be an integer"):
        key(seed, "order")
