import numpy as np
import pytest

from keras_mtl.weightings import Static


def test_weights_follow_the_order_of_the_tasks():
    weighting = Static({"b": 3.0})
    weighting.build_state(["a", "b"])
    losses = np.array([1.0, 2.0], "float32")
    np.testing.assert_array_equal(weighting.task_weights(losses), [1, 3])
    np.testing.assert_array_equal(weighting(losses), 7)


def test_an_unknown_task_is_named():
    with pytest.raises(ValueError, match=r"does not have: \['c'\]"):
        Static({"c": 1.0}).build_state(["a", "b"])


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_bad_weight_is_refused(weight):
    with pytest.raises(ValueError, match="finite and not negative"):
        Static({"a": weight})
