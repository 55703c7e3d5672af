import numpy as np
from scipy import optimize

from keras_mtl.aggregators.interior_point import interior_point


def test_problems_are_solved_to_the_last_digits():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(8, 12))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    goals = rng.normal(size=(5, 12))
    targets = goals @ rows.T
    size = np.abs(targets).max(1, keepdims=True)
    hard = np.ones((5, 1), bool)
    found = size * interior_point(rows @ rows.T, targets / size, hard)
    for x, goal in zip(found.numpy(), goals, strict=True):
        np.testing.assert_allclose(x, optimize.nnls(rows.T, goal)[0], atol=1e-9)


def test_dependent_rows_are_no_obstacle():
    rows = np.random.default_rng(1).normal(size=(12, 3))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    matrix = rows @ rows.T + 1e-10 * np.eye(12)
    found = interior_point(matrix, -matrix, np.ones((12, 1), bool)).numpy()
    slack = found @ matrix + matrix
    assert found.min() >= 0
    assert slack.min() > -1e-12
    np.testing.assert_allclose(found * slack, 0, atol=1e-12)


def test_other_problems_cost_nothing():
    eye = np.eye(2)
    found = interior_point(eye, eye, np.zeros((2, 1), bool))
    np.testing.assert_array_equal(found, np.ones((2, 2)))
