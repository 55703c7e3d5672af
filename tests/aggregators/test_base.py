import numpy as np
import pytest

from keras_mtl.aggregators import MGDA, Aggregator, Mean, Sum


def test_a_jacobian_is_combined_and_fixes_the_number_of_tasks():
    aggregator = Mean()
    np.testing.assert_allclose(
        aggregator(np.eye(2, dtype="float32")), [0.5] * 2
    )
    with pytest.raises(ValueError, match="built for 2 tasks"):
        aggregator.task_weights(np.eye(3, dtype="float32"))


def test_something_else_than_a_jacobian_is_refused():
    with pytest.raises(ValueError, match="Flatten the gradient of each task"):
        MGDA()(np.ones((2, 3, 4), "float32"))


def test_an_unknown_scale_is_refused():
    with pytest.raises(ValueError, match="`scale` must be 'native'"):
        Sum(scale="mean")


def test_a_method_that_hides_keras_weights_is_refused():
    with pytest.raises(TypeError, match="Name the method `task_weights`"):

        class Hiding(Aggregator):
            def weights(self, gram):
                return gram


def test_blocks_are_served_one_by_one():
    grams = np.stack([np.diag([1.0, 3.0]), np.diag([3.0, 1.0])])
    weights = MGDA().block_weights(grams)
    np.testing.assert_allclose(weights, [[0.75, 0.25], [0.25, 0.75]])


def test_what_is_not_overridden_says_so():
    with pytest.raises(NotImplementedError, match="must override"):
        Aggregator().task_weights(np.eye(2))
    with pytest.raises(NotImplementedError, match="reads 'gram'"):
        MGDA().combine(np.eye(2))
