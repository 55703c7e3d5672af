"""F-scores of outputs as detectors of other classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from keras_mtl.transfer import f_scores


def test_hand_computed():
    found = f_scores([0, 0, 1, 1], [0, 0, 0, 1], 3, 2)
    np.testing.assert_allclose(
        found, [[2 * 2 / 5, 2 * 1 / 5, 0], [0, 2 / 3, 0]]
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 2)),
        min_size=1,
        max_size=20,
    )
)
def test_as_scikit_learn_counts(pairs):
    predicted, labels = np.array(pairs).T
    found = f_scores(predicted, labels, 4, 3)
    for i in range(3):
        for j in range(4):
            expected = f1_score(labels == i, predicted == j, zero_division=0)
            assert found[i, j] == pytest.approx(expected)


def test_refused():
    with pytest.raises(ValueError, match=r"from 0 to 1.*from 0 to 5"):
        f_scores([5], [0], 2, 2)
    with pytest.raises(ValueError, match="2 and 1"):
        f_scores([0, 0], [0], 2, 2)
