import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from keras_mtl.aggregators import PCD, pcd_weights

traced_weights = tf.function(pcd_weights)


@given(st.integers(0, 2**31), st.sampled_from([0.0, 0.1, 0.8]))
def test_it_is_the_nearest_direction_that_meets_the_conditions(seed, tau):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(3, 7)) * 10 ** rng.uniform(-2, 2, (3, 1))
    lengths = np.linalg.norm(jacobian, axis=1)
    unit = jacobian / lengths[:, None]
    nearest = optimize.minimize(
        lambda d: ((d - unit[0]) ** 2).sum() / 2,
        unit[0],
        jac=lambda d: d - unit[0],
        constraints={
            "type": "ineq",
            "fun": lambda d: unit[1:] @ d - tau,
            "jac": lambda d: unit[1:],
        },
        options={"ftol": 1e-14, "maxiter": 500},
    ).x
    expected = nearest * lengths[0] / np.linalg.norm(nearest)
    weights = traced_weights(
        jacobian @ jacobian.T, tau=tf.constant(tau, "float64")
    )
    limit = 1e-4 * lengths[0]
    np.testing.assert_allclose(weights.numpy() @ jacobian, expected, atol=limit)


def test_contradicting_conditions_leave_the_primary_gradient():
    jacobian = np.array([[0.0, 1.0], [1.0, 0.0], [-1.0, 0.0]], "float32")
    weights = traced_weights(jacobian @ jacobian.T, tau=0.5)
    np.testing.assert_allclose(weights, [1, 0, 0], atol=1e-6)


def test_a_zero_primary_gradient_gives_no_long_update():
    weights = pcd_weights(np.diag([0.0, 1.0]).astype("float32"))
    np.testing.assert_allclose(weights, [0, 0], atol=1e-6)


def test_the_primary_task_is_found_by_name():
    aggregator = PCD(primary="b", tau=0.0)
    gram = np.eye(2, dtype="float32")
    with pytest.raises(ValueError, match=r"call `check_tasks\(tasks\)`"):
        aggregator.task_weights(gram)
    with pytest.raises(ValueError, match="Received: primary='b'"):
        aggregator.check_tasks(["c"])
    aggregator.check_tasks(["a", "b"])
    np.testing.assert_allclose(aggregator.task_weights(gram), [0, 1], atol=1e-6)


@pytest.mark.parametrize("options", [{"tau": 1.5}, {"beta": 1.0}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError, match=f"`{next(iter(options))}` must be"):
        PCD(**options)
