import numpy as np
import pytest

from keras_mtl.weightings import RLW, rlw_weights

LOSSES = np.ones(3, "float32")


def draws(seed, distribution="normal"):
    weighting = RLW(distribution, seed=seed)
    weighting.build_state(["a", "b", "c"])
    return [np.asarray(weighting.task_weights(LOSSES)) for _ in range(200)]


def test_the_seed_decides_the_weights():
    np.testing.assert_array_equal(draws(1), draws(1))
    assert not np.allclose(draws(1), draws(2))


@pytest.mark.parametrize("name", ["normal", "uniform", "dirichlet"])
def test_weights_average_to_one_and_vary(name):
    found = np.array(draws(0, name))
    np.testing.assert_allclose(found.mean(0), 1, atol=0.25)
    assert found.std(0).min() > 0.05


def test_bernoulli_keeps_some_or_all():
    found = np.array(draws(0, "bernoulli"))
    np.testing.assert_allclose(found.sum(1), 3, rtol=1e-6)
    assert {0.0, 1.0, 1.5, 3.0} == set(np.unique(found))


def test_all_zero_numbers_give_equal_weights():
    present = np.array([True, False, True])
    weights = rlw_weights(np.zeros(3, "float32"), present)
    np.testing.assert_array_equal(weights, [1, 0, 1])


def test_an_unknown_distribution_is_refused():
    with pytest.raises(ValueError, match="must be one of"):
        RLW("gauss")
