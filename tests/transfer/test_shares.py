"""Shares of sources, and weights that are made of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from keras_mtl.transfer import class_shares, combined

similarities = npst.arrays(
    np.float64,
    npst.array_shapes(min_dims=2, max_dims=2, max_side=5),
    elements=st.floats(-1, 1, allow_subnormal=False),
)


def slow_shares(similarity, k):
    """The formula, one number at a time."""
    rows = []
    for row in similarity:
        order = sorted(range(len(row)), key=lambda j: (-row[j], j))[:k]
        kept = {j: max(row[j], 0) for j in order}
        total = sum(kept.values())
        rows.append(
            [kept.get(j, 0) / total if total else 0.0 for j in range(len(row))]
        )
    return np.array(rows)


def test_hand_computed():
    shares = class_shares([[0.6, 0.2, 0.1], [-1.0, 0.0, -0.5]], k=2)
    np.testing.assert_allclose(shares, [[0.75, 0.25, 0.0], [0.0, 0.0, 0.0]])


@given(similarities, st.integers(1, 6))
def test_the_formula_of_the_paper(similarity, k):
    similarity = np.round(similarity, 3)
    np.testing.assert_allclose(
        class_shares(similarity, k), slow_shares(similarity, k), atol=1e-12
    )


@given(similarities, st.integers(1, 6))
def test_a_row_sums_to_one_where_anything_is_similar(similarity, k):
    shares = class_shares(similarity, k)
    positive = (similarity > 0).any(axis=1)
    np.testing.assert_allclose(shares.sum(axis=1), positive.astype(float))
    assert ((shares > 0).sum(axis=1) <= k).all()


def test_each_class_may_have_a_k_of_its_own():
    shares = class_shares([[3.0, 2.0, 1.0]] * 2, k=[1, 3])
    np.testing.assert_allclose(shares, [[1, 0, 0], [1 / 2, 1 / 3, 1 / 6]])


def test_of_equals_the_first_are_the_nearest():
    np.testing.assert_array_equal(class_shares([[1, 1, 1]], 1), [[1, 0, 0]])


def test_tiny_similarities_keep_their_ratio():
    shares = class_shares([[2e-308, 1e-308]], 2)
    np.testing.assert_allclose(shares, [[2 / 3, 1 / 3]], rtol=1e-6)


def test_kernel_and_bias_are_combined_alike():
    shares = [[0.75, 0.25], [0.0, 1.0], [0.5, 0.5]]
    kernel = [[4.0, 8.0], [0.0, -4.0]]
    np.testing.assert_allclose(
        combined(shares, kernel), [[5.0, 8.0, 6.0], [-1.0, -4.0, -2.0]]
    )
    np.testing.assert_allclose(combined(shares, [1.0, 5.0]), [2.0, 5.0, 3.0])


@pytest.mark.parametrize(
    ("similarity", "k", "message"),
    [
        ([1.0], 1, r"Received: shape \(1,\)"),
        ([[float("nan")]], 1, "Received: 1 that are not"),
        ([[1.0]], 0, "Received: k=0"),
        ([[1.0]], [1, 1], "each of the 1 target classes"),
    ],
)
def test_refused(similarity, k, message):
    with pytest.raises(ValueError, match=message):
        class_shares(similarity, k)
