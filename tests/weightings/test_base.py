import numpy as np
import pytest

from keras_mtl.weightings import Weighting
from keras_mtl.weightings.base import share_out


def test_shares_sum_to_the_number_of_present_tasks():
    positive = np.array([1.0, 3.0, 9.0])
    present = np.array([True, True, False])
    np.testing.assert_allclose(share_out(positive, present), [0.5, 1.5, 0])
    np.testing.assert_allclose(share_out(0 * positive, present), [1, 1, 0])


def test_options_come_as_a_number_or_by_task():
    weighting = Weighting()
    weighting.build_state(["a", "b"])
    assert weighting.per_task("x", 2.0, 1.0) == [2.0, 2.0]
    assert weighting.per_task("x", {"b": 3.0}, 1.0) == [1.0, 3.0]
    with pytest.raises(ValueError, match=r"does not have: \['c'\]"):
        weighting.per_task("x", {"c": 3.0}, 1.0)


def test_state_may_change_only_where_all_is_finite():
    weighting = Weighting()
    weighting.build_state(["a", "b"])
    present = np.array([True, False])
    for losses, expected in (([1.0, np.nan], True), ([np.nan, 1.0], False)):
        usable = weighting.usable(np.array(losses), present)
        np.testing.assert_array_equal(usable, [expected, False])


def test_a_method_that_hides_keras_weights_is_refused():
    with pytest.raises(TypeError, match="Name the method `task_weights`"):

        class Hiding(Weighting):
            def weights(self, losses, present=None):
                return losses
