import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.aggregators import (
    FairGrad,
    fairgrad_weights,
    nash_mtl_weights,
)


@given(st.integers(0, 2**31), st.sampled_from([0.5, 2.0, 10.0]))
def test_the_fairness_equations_hold(seed, alpha):
    jacobian = np.random.default_rng(seed).normal(size=(3, 9))
    gram = jacobian @ jacobian.T
    weights = np.asarray(fairgrad_weights(gram, alpha=alpha))
    np.testing.assert_allclose(
        (gram @ weights) * weights ** (1 / alpha), 1, rtol=1e-6
    )


def test_proportional_fairness_is_nash():
    gram = np.array([[2.0, -1.0], [-1.0, 3.0]])
    np.testing.assert_allclose(
        fairgrad_weights(gram, alpha=1.0), nash_mtl_weights(gram), rtol=1e-9
    )


def test_a_fairness_of_zero_is_refused():
    with pytest.raises(ValueError, match="`alpha` must be a positive number"):
        FairGrad(alpha=0.0)
