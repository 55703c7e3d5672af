import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from keras_mtl.aggregators.solvers import (
    per_task,
    pinv_times,
    positive_part,
    project_on_simplex,
    shares,
)

seeds = st.integers(0, 2**31)


def simplex_by_bisection(values):
    low, high = values.min() - 1, values.max()
    for _ in range(200):
        middle = (low + high) / 2
        if np.maximum(values - middle, 0).sum() > 1:
            low = middle
        else:
            high = middle
    return np.maximum(values - low, 0)


@given(seeds, st.integers(1, 8))
def test_projection_on_the_simplex(seed, size):
    values = np.random.default_rng(seed).normal(size=size) * 3
    found = project_on_simplex(tf.constant(values), tf.ones(size, bool))
    np.testing.assert_allclose(found, simplex_by_bisection(values), atol=1e-9)


def test_projection_leaves_absent_tasks_out():
    values = tf.constant([0.5, 9.0, 0.1])
    present = tf.constant([True, False, True])
    found = project_on_simplex(values, present)
    np.testing.assert_allclose(found, [0.7, 0, 0.3], rtol=1e-6)


@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_pseudo_inverse(seed, size, rank):
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(size, rank))
    matrix, target = factor @ factor.T, rng.normal(size=size)
    found = pinv_times(tf.constant(matrix), tf.constant(target), 1e-10)
    expected = np.linalg.pinv(matrix, rcond=1e-10, hermitian=True) @ target
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_positive_part_keeps_what_is_positive():
    matrix = np.diag([2.0, -1.0])
    np.testing.assert_allclose(positive_part(matrix), np.diag([2.0, 0.0]))


def test_shares_of_the_present():
    present = tf.constant([True, True, False])
    np.testing.assert_allclose(shares(present), [0.5, 0.5, 0])
    np.testing.assert_allclose(shares(present, [1, 3, 5]), [0.25, 0.75, 0])


def test_the_solver_sees_a_scaled_matrix_in_float64():
    seen = []

    def solver(gram, present):
        seen.append(gram)
        return ops.ones_like(ops.diagonal(gram))

    gram = np.array([[4e-20, 1e-20], [1e-20, 2e-20]], "float32")
    weights = per_task(solver, gram, degree=-1.0)
    assert seen[0].dtype == "float64"
    np.testing.assert_allclose(seen[0], [[1, 0.25], [0.25, 0.5]], rtol=1e-6)
    np.testing.assert_allclose(weights, [0.5e10, 0.5e10], rtol=1e-6)
    assert weights.dtype == "float32"


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_non_finite_matrix_gives_non_finite_weights(bad):
    gram = np.array([[1.0, bad], [bad, 1.0]], "float32")
    weights = per_task(lambda gram, present: ops.diagonal(gram), gram)
    assert np.isnan(weights).all()
    present = np.array([True, False])
    weights = per_task(lambda gram, present: ops.diagonal(gram), gram, present)
    np.testing.assert_allclose(weights, [1, 0])
