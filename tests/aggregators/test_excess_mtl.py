import numpy as np
import pytest

from keras_mtl.aggregators import ExcessMTL, excess_mtl_weights


def test_weights_grow_with_the_excess_risk():
    weights = np.array([1.0, 1.0])
    excess = np.array([0.0, np.log(3.0)])
    found = excess_mtl_weights(weights, excess, step_size=1.0)
    np.testing.assert_allclose(found, [0.5, 1.5])


def test_it_is_the_published_recursion():
    rng = np.random.default_rng(0)
    aggregator = ExcessMTL(step_size=0.1, dtype="float64")
    aggregator.build_state(2, [(3,), (2,)])
    squares, first, weights = np.zeros((2, 5)), None, np.ones(2)
    for _ in range(4):
        jacobian = rng.normal(size=(2, 5))
        squares += jacobian**2
        risks = (jacobian**2 / np.sqrt(squares)).sum(1)
        if first is None:
            first = risks
        else:
            weights = weights * np.exp(0.1 * risks / first)
            weights = 2 * weights / weights.sum()
        aggregator.transform(jacobian[:, :3], 0)
        aggregator.transform(jacobian[:, 3:], 1)
        found = aggregator.task_weights(jacobian @ jacobian.T)
        np.testing.assert_allclose(found, weights, rtol=1e-9)


def test_a_step_of_zero_is_refused():
    with pytest.raises(ValueError, match="`step_size` must be positive"):
        ExcessMTL(step_size=0.0)
