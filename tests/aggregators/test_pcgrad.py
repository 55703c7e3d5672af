import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.aggregators import PCGrad, pcgrad_weights

traced_weights = tf.function(pcgrad_weights)


def reference(jacobian, orders):
    """The algorithm of the paper, on the gradients themselves."""
    total = np.zeros(jacobian.shape[1])
    for task, order in enumerate(orders):
        gradient = jacobian[task].astype("float64")
        for other in order:
            product = gradient @ jacobian[other]
            if other != task and product < 0:
                norm = jacobian[other] @ jacobian[other]
                gradient = gradient - product / norm * jacobian[other]
        total += gradient
    return total


def test_two_conflicting_tasks_follow_the_closed_form():
    first, second = np.array([2.0, 0.0]), np.array([-1.0, 1.0])
    jacobian = np.stack([first, second])
    product = first @ second
    expected = first + second
    expected = expected - product * (first / 4 + second / 2)
    weights = pcgrad_weights(jacobian @ jacobian.T).numpy()
    np.testing.assert_allclose(weights @ jacobian, expected, rtol=1e-12)


def test_without_conflict_it_is_the_sum():
    gram = np.array([[1.0, 0.2], [0.2, 4.0]], "float32")
    np.testing.assert_array_equal(traced_weights(gram), [1, 1])


@given(seed=st.integers(0, 2**31), num_tasks=st.sampled_from([3, 5, 12]))
def test_it_is_the_published_algorithm(seed, num_tasks):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(num_tasks, 6))
    orders = np.stack([rng.permutation(num_tasks) for _ in range(num_tasks)])
    gram = jacobian @ jacobian.T
    given_order = np.tile(np.arange(num_tasks), (num_tasks, 1))
    np.testing.assert_allclose(
        traced_weights(gram).numpy() @ jacobian,
        reference(jacobian, given_order),
        rtol=1e-9,
        atol=1e-9,
    )
    np.testing.assert_allclose(
        traced_weights(gram, order=tf.constant(orders)).numpy() @ jacobian,
        reference(jacobian, orders),
        rtol=1e-9,
        atol=1e-9,
    )


def test_the_seed_decides_the_orders():
    jacobian = np.random.default_rng(0).normal(size=(6, 4))
    gram = (jacobian @ jacobian.T).astype("float32")

    def draws(seed):
        aggregator = PCGrad(seed=seed)
        return [np.asarray(aggregator.task_weights(gram)) for _ in range(3)]

    one, same, other = draws(1), draws(1), draws(2)
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)
    assert not np.allclose(one[0], one[1])


def test_given_order_draws_nothing():
    aggregator = PCGrad(order="given", seed=3)
    before = [keras.ops.convert_to_numpy(v) for v in aggregator.variables]
    aggregator.task_weights(np.eye(4, dtype="float32"))
    after = [keras.ops.convert_to_numpy(v) for v in aggregator.variables]
    np.testing.assert_array_equal(before, after)


def test_an_unknown_order_is_refused():
    with pytest.raises(ValueError, match="must be 'shuffled'"):
        PCGrad(order="random")


def test_a_gradient_stack_is_refused_with_its_shape():
    with pytest.raises(ValueError, match=r"gram.shape=\(2, 3\)"):
        pcgrad_weights(np.ones((2, 3), "float32"))
