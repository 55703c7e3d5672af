import numpy as np
import pytest

from keras_mtl.aggregators import Constant


def test_weights_by_name_follow_the_order_of_the_tasks():
    aggregator = Constant({"b": 2.0, "a": 1.0})
    with pytest.raises(ValueError, match=r"call `check_tasks\(tasks\)`"):
        aggregator.task_weights(None)
    aggregator.check_tasks(["a", "b"])
    np.testing.assert_array_equal(aggregator.task_weights(None), [1, 2])


def test_scale_sum_makes_the_weights_of_the_present_sum_to_their_number():
    aggregator = Constant([1.0, 3.0, 4.0], scale="sum")
    present = np.array([True, True, False])
    weights = aggregator.task_weights(None, present)
    found = aggregator.rescaled(weights, present)
    np.testing.assert_allclose(found, [0.5, 1.5, 0])


def test_bad_weights_are_refused():
    with pytest.raises(ValueError, match="must be finite numbers"):
        Constant([1.0, float("nan")])
    with pytest.raises(ValueError, match="must have 2 numbers"):
        Constant([1.0]).check_tasks(["a", "b"])
