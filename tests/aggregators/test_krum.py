import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.aggregators import Krum, krum_weights


@given(st.integers(0, 2**31), st.integers(0, 2), st.integers(1, 3))
def test_it_is_the_published_choice(seed, num_byzantine, num_selected):
    jacobian = np.random.default_rng(seed).normal(size=(6, 4))
    gaps = jacobian[:, None] - jacobian[None]
    distances = np.sort(np.square(gaps).sum(-1), axis=1)[:, 1:]
    scores = distances[:, : 6 - num_byzantine - 2].sum(1)
    expected = np.zeros(6)
    expected[np.argsort(scores)[:num_selected]] = 1 / num_selected
    found = krum_weights(
        jacobian @ jacobian.T, None, num_byzantine, num_selected
    )
    np.testing.assert_allclose(found, expected)


def test_too_few_tasks_are_refused():
    with pytest.raises(ValueError, match="needs at least 4 tasks"):
        Krum().check_tasks(["a", "b", "c"])
    with pytest.raises(ValueError, match="`num_selected` at least 1"):
        Krum(num_selected=0)
