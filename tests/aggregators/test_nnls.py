import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from keras_mtl.aggregators.nnls import nnls

traced = tf.function(nnls)
seeds = st.integers(0, 2**31)


def unit_rows(rng, num_rows, num_columns):
    rows = rng.normal(size=(num_rows, num_columns))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(seeds, st.sampled_from([1, 2, 4, 7]), st.sampled_from([2, 4, 20]))
def test_agrees_with_scipy(seed, num_tasks, num_params):
    rng = np.random.default_rng(seed)
    rows = unit_rows(rng, num_tasks, num_params)
    goals = rng.normal(size=(3, num_params))
    found = traced(rows @ rows.T, goals @ rows.T).numpy()
    assert found.min() >= 0
    for x, goal in zip(found, goals, strict=True):
        expected, _ = optimize.nnls(rows.T, goal)
        np.testing.assert_allclose(x @ rows, expected @ rows, atol=1e-5)


@pytest.mark.parametrize("num_params", [3, 30, 60, 500])
def test_many_tasks_meet_the_optimality_conditions(num_params):
    rng = np.random.default_rng(num_params)
    rows = unit_rows(rng, 64, num_params)
    gram = rows @ rows.T
    found = traced(gram, -gram).numpy()
    slack = found @ gram + gram
    assert slack.min() > -1e-6
    np.testing.assert_allclose(found * slack, 0, atol=1e-6)


def test_a_guess_of_the_active_set_changes_nothing():
    rng = np.random.default_rng(0)
    rows = unit_rows(rng, 6, 9)
    gram, target = rows @ rows.T, rng.normal(size=(1, 6))
    guess = rng.random((1, 6)) < 0.5
    np.testing.assert_allclose(
        nnls(gram, target, guess), traced(gram, target), atol=1e-8
    )


def test_no_target_gives_nothing():
    np.testing.assert_array_equal(traced(np.eye(2), np.zeros((1, 2))), [[0, 0]])
