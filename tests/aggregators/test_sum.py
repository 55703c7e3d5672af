import numpy as np

from keras_mtl.aggregators import Sum, sum_weights


def test_weights_are_one_for_present_tasks():
    np.testing.assert_array_equal(sum_weights(3), [1, 1, 1])
    present = np.array([True, False, True])
    np.testing.assert_array_equal(sum_weights(3, present), [1, 0, 1])


def test_a_jacobian_is_summed():
    jacobian = np.array([[1.0, 2.0], [3.0, -5.0]], "float32")
    np.testing.assert_array_equal(Sum()(jacobian), [4, -3])


def test_it_needs_no_gradient():
    assert Sum.reads == "nothing"
    aggregator = Sum()
    aggregator.build_state(2, [(3,)])
    np.testing.assert_array_equal(aggregator.task_weights(None), [1, 1])
