import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from keras_mtl.aggregators import UPGrad, pcgrad_weights, upgrad_weights

traced_weights = tf.function(upgrad_weights)


def projected(jacobian, gradient):
    """Nearest vector with no negative product: by SciPy, on vectors."""
    multipliers, _ = optimize.nnls(jacobian.T, -gradient)
    return gradient + multipliers @ jacobian


@given(
    seed=st.integers(0, 2**31),
    num_tasks=st.sampled_from([2, 3, 6]),
    num_params=st.sampled_from([2, 5, 20]),
)
def test_it_is_the_mean_of_projections(seed, num_tasks, num_params):
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(num_tasks, num_params))
    jacobian *= 10 ** rng.uniform(-2, 2, size=(num_tasks, 1))
    expected = np.mean([projected(jacobian, g) for g in jacobian], axis=0)
    found = traced_weights(jacobian @ jacobian.T).numpy() @ jacobian
    limit = 1e-5 * np.abs(jacobian).max()
    np.testing.assert_allclose(found, expected, atol=limit)


def test_two_conflicting_tasks_get_half_of_pcgrad():
    gram = np.array([[1.0, -0.5], [-0.5, 4.0]], "float32")
    np.testing.assert_allclose(
        traced_weights(gram), pcgrad_weights(gram) / 2, rtol=1e-6
    )


def test_a_task_a_million_times_larger_does_not_hide_the_other():
    jacobian = np.array([[1e6, 0.0], [-0.6, 0.8]], "float32")
    found = traced_weights(jacobian @ jacobian.T).numpy() @ jacobian
    expected = np.mean([projected(jacobian, g) for g in jacobian], axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_preferences_by_name():
    aggregator = UPGrad(preference={"left": 3.0, "right": 1.0})
    gram = np.eye(2, dtype="float32")
    with pytest.raises(ValueError, match=r"call `check_tasks\(tasks\)`"):
        aggregator.task_weights(gram)
    aggregator.check_tasks(["left", "right"])
    np.testing.assert_allclose(aggregator.task_weights(gram), [0.75, 0.25])


@pytest.mark.parametrize("preference", [[-1.0, 1.0], [0.0, 0.0]])
def test_a_bad_preference_is_refused(preference):
    with pytest.raises(ValueError, match="not negative, with some positive"):
        UPGrad(preference=preference)


def test_a_preference_of_other_tasks_is_refused():
    with pytest.raises(ValueError, match=r"Received: \['a'\]"):
        UPGrad(preference={"a": 1.0}).check_tasks(["b"])
    with pytest.raises(ValueError, match="must have 3 numbers"):
        UPGrad(preference=[1.0]).check_tasks(["a", "b", "c"])
