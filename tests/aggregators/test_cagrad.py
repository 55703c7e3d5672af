import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from keras_mtl.aggregators import CAGrad, cagrad_weights

traced_weights = tf.function(cagrad_weights)


def best_worst_improvement(jacobian, c):
    """Value of the dual, from several starts."""
    num_tasks = len(jacobian)
    mean = jacobian.mean(axis=0)
    radius = c * np.linalg.norm(mean)

    def dual(shares):
        combined = shares @ jacobian
        return combined @ mean + radius * np.linalg.norm(combined)

    rng = np.random.default_rng(0)
    starts = [np.full(num_tasks, 1 / num_tasks)]
    starts += list(rng.dirichlet(np.ones(num_tasks), 4))
    return min(
        optimize.minimize(
            dual,
            start,
            bounds=[(0, 1)] * num_tasks,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            options={"ftol": 1e-13},
        ).fun
        for start in starts
    )


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**31),
    num_tasks=st.sampled_from([2, 4]),
    c=st.sampled_from([0.2, 0.5, 0.9]),
)
def test_it_is_the_best_worst_improvement_within_the_radius(seed, num_tasks, c):
    jacobian = np.random.default_rng(seed).normal(size=(num_tasks, 6))
    weights = traced_weights(jacobian @ jacobian.T, c=tf.constant(c, "float64"))
    found = weights.numpy() @ jacobian
    mean = jacobian.mean(axis=0)
    distance = np.linalg.norm(found - mean) / np.linalg.norm(mean)
    assert distance <= c * (1 + 1e-6)
    best = best_worst_improvement(jacobian, c)
    np.testing.assert_allclose((jacobian @ found).min(), best, atol=1e-5)


def test_no_radius_gives_the_mean():
    np.testing.assert_allclose(CAGrad(c=0.0).task_weights(np.eye(2)), [0.5] * 2)


@pytest.mark.parametrize(("rescale", "divisor"), [(0, 1), (1, 1.25), (2, 1.5)])
def test_rescaling_divides(rescale, divisor):
    gram = np.array([[1.0, -0.5], [-0.5, 2.0]], "float32")
    np.testing.assert_allclose(
        CAGrad(rescale=rescale).task_weights(gram),
        traced_weights(gram) / divisor,
        rtol=1e-6,
    )


def test_a_wide_radius_harms_nobody_even_where_nothing_improves_all():
    jacobian = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], "float32")
    weights = CAGrad(c=1.0).task_weights(jacobian @ jacobian.T)
    found = np.asarray(weights) @ jacobian
    np.testing.assert_allclose(found, [0, 1 / 3], atol=1e-5)


def test_a_negative_radius_is_refused():
    with pytest.raises(ValueError, match="`c` must be a number of at least 0"):
        CAGrad(c=-0.1)
