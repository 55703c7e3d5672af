import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.aggregators import AlignedMTL, aligned_mtl_weights

SCALES = {
    "min": np.min,
    "median": lambda s: np.sort(s)[(len(s) - 1) // 2],
    "rmse": lambda s: np.sqrt(np.mean(s**2)),
}


@pytest.mark.parametrize("name", SCALES)
@given(seed=st.integers(0, 2**31))
def test_singular_values_are_made_equal(name, seed):
    jacobian = np.random.default_rng(seed).normal(size=(3, 7))
    left, values, right = np.linalg.svd(jacobian, full_matrices=False)
    aligned = SCALES[name](values) * left @ right
    weights = aligned_mtl_weights(jacobian @ jacobian.T, eigen_scale=name)
    np.testing.assert_allclose(
        np.asarray(weights) @ jacobian, aligned.mean(axis=0), atol=1e-6
    )


def test_dependent_gradients_lower_the_rank():
    jacobian = np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 1.0]], "float32")
    weights = aligned_mtl_weights(jacobian @ jacobian.T)
    found = np.asarray(weights) @ jacobian
    np.testing.assert_allclose(found, [2**0.5 / 3, 1 / 3], rtol=1e-5)


def test_an_unknown_scale_is_refused():
    with pytest.raises(ValueError, match="`eigen_scale` must be one of"):
        AlignedMTL(eigen_scale="max")
