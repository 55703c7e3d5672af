import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.aggregators import MGDA, mgda_weights

traced_weights = tf.function(mgda_weights)


def shortest(gram):
    """Squared length of the min-norm point, over every face of the simplex."""
    num_tasks = len(gram)
    best = np.inf
    for size in range(1, num_tasks + 1):
        for face in itertools.combinations(range(num_tasks), size):
            system = np.ones((size + 1, size + 1))
            system[:size, :size] = gram[np.ix_(face, face)]
            system[size, size] = 0
            target = np.append(np.zeros(size), 1)
            shares = np.linalg.lstsq(system, target, rcond=None)[0][:size]
            if shares.min() > -1e-9:
                weights = np.zeros(num_tasks)
                weights[list(face)] = shares
                best = min(best, weights @ gram @ weights)
    return best


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        ([1, 0], [0, 1], 0.5),
        ([1, 0], [0, 2], 0.8),
        ([1, 0], [2, 0], 1.0),
        ([1, 0], [1, 0], 0.5),
        ([1, 0], [-3, 0], 0.75),
    ],
)
def test_two_tasks_have_a_closed_form(first, second, share):
    jacobian = np.array([first, second], "float32")
    weights = traced_weights(jacobian @ jacobian.T)
    np.testing.assert_allclose(weights, [share, 1 - share], rtol=1e-6)


@given(
    seed=st.integers(0, 2**31),
    num_tasks=st.integers(3, 5),
    num_params=st.sampled_from([1, 2, 3, 9]),
)
def test_it_is_the_shortest_point_of_the_hull(seed, num_tasks, num_params):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(num_tasks, num_params))
    jacobian *= 10 ** rng.uniform(-2, 2, size=(num_tasks, 1))
    gram = jacobian @ jacobian.T
    weights = traced_weights(gram).numpy()
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(), 1, rtol=1e-9)
    length = weights @ gram @ weights
    slack = 1e-6 * np.diag(gram).min()
    np.testing.assert_allclose(length, shortest(gram), rtol=1e-5, atol=slack)


@pytest.mark.parametrize("num_tasks", [16, 64])
def test_many_tasks_meet_the_optimality_condition(num_tasks):
    rng = np.random.default_rng(num_tasks)
    jacobian = rng.normal(size=(num_tasks, 300)) + 0.1
    combined = traced_weights(jacobian @ jacobian.T).numpy() @ jacobian
    products = jacobian @ combined
    assert products.min() >= combined @ combined * (1 - 1e-6)


def test_it_is_zero_at_a_pareto_stationary_point():
    angles = np.array([0.0, 2.0, 4.0])
    jacobian = np.stack([np.cos(angles), np.sin(angles)], 1).astype("float32")
    combined = traced_weights(jacobian @ jacobian.T).numpy() @ jacobian
    np.testing.assert_allclose(combined, 0, atol=1e-6)


def test_a_zero_gradient_takes_all_the_weight():
    gram = np.diag([1.0, 0.0, 2.0, 0.0]).astype("float32")
    np.testing.assert_allclose(traced_weights(gram), [0, 0.5, 0, 0.5])


def test_normalization_divides_by_norms_and_losses():
    gram = np.diag([1.0, 16.0]).astype("float32")
    losses = np.array([1.0, 2.0], "float32")
    for name, lengths in [
        ("none", [1, 1]),
        ("l2", [1, 4]),
        ("loss", [1, 2]),
        ("loss+", [1, 8]),
    ]:
        aggregator = MGDA(normalization=name)
        squares = np.diag(gram) / np.square(lengths)
        expected = (1 / squares) / (1 / squares).sum()
        weights = aggregator.task_weights(gram, losses=losses)
        np.testing.assert_allclose(weights, expected, rtol=1e-6)
        assert aggregator.reads_losses == name.startswith("loss")


def test_a_solved_task_is_left_out_of_a_normalised_hull():
    losses = np.array([0.0, 1.0, 1.0], "float32")
    weights = MGDA(normalization="loss").task_weights(
        np.eye(3, dtype="float32"), losses=losses
    )
    np.testing.assert_allclose(weights, [0, 0.5, 0.5], rtol=1e-6)


def test_missing_losses_are_named():
    with pytest.raises(ValueError, match="divides by the task losses"):
        MGDA(normalization="loss").task_weights(np.eye(2, dtype="float32"))


def test_an_unknown_normalization_is_refused():
    with pytest.raises(ValueError, match="must be one of"):
        MGDA(normalization="L2")
