import numpy as np
import pytest
from scipy import optimize

from keras_mtl.aggregators.exchange import Exchange, masked_solve


def problems(number, num_tasks, seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(num_tasks, 2 * num_tasks))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    goals = rng.normal(size=(number, 2 * num_tasks))
    expected = [optimize.nnls(rows.T, goal)[0] for goal in goals]
    return rows @ rows.T, goals @ rows.T, np.array(expected)


def test_a_masked_solve_leaves_the_rest_zero():
    matrix = np.array([[2.0, 1.0], [1.0, 3.0]])
    mask = np.array([[True, False], [True, True], [False, False]])
    found = masked_solve(matrix, np.ones((3, 2)), mask)
    both = np.linalg.solve(matrix, [1.0, 1.0])
    np.testing.assert_allclose(found, [[0.5, 0.0], both, [0.0, 0.0]])


@pytest.mark.parametrize("few", [2, 5])
@pytest.mark.parametrize("singly", [False, True])
def test_near_guesses_end_in_the_solutions(singly, few):
    matrix, targets, expected = problems(5, 6)
    passive = expected > 0
    passive[range(5), [0, 1, 2, 3, 4]] ^= True
    passive[3, 0] ^= True
    x, hard = Exchange(matrix, targets, few, singly).solutions(passive)
    assert not np.any(hard)
    np.testing.assert_allclose(x, expected, atol=1e-9)


def test_a_guess_too_far_off_for_single_exchanges_is_called_hard():
    matrix, targets, expected = problems(2, 40)
    passive = expected > 0
    passive[1] = ~passive[1]
    x, hard = Exchange(matrix, targets, 2, True).solutions(passive)
    np.testing.assert_array_equal(hard, [[False], [True]])
    np.testing.assert_allclose(x[0], expected[0], atol=1e-9)
