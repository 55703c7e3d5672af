import numpy as np
import pytest

from keras_mtl.aggregators import Mean, mean_weights


def test_weights_are_shares_of_the_present_tasks():
    np.testing.assert_array_equal(mean_weights(4), [0.25] * 4)
    present = np.array([True, False, True])
    np.testing.assert_array_equal(mean_weights(3, present), [0.5, 0, 0.5])


def test_no_task_present_gives_no_update():
    np.testing.assert_array_equal(mean_weights(2, np.zeros(2, bool)), [0, 0])


def test_it_must_know_the_number_of_tasks():
    with pytest.raises(ValueError, match=r"Call `build_state\(num_tasks"):
        Mean().task_weights(None)


def test_scale_sum_makes_it_a_sum():
    jacobian = np.array([[1.0, 2.0], [3.0, -5.0]], "float32")
    np.testing.assert_allclose(Mean(scale="sum")(jacobian), [4, -3])
