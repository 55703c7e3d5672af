import numpy as np
import pytest
from scipy.stats import rankdata

from keras_mtl.retina import challenge_ranking

BETTER = {"auc": True, "dice": True, "distance": False}


def test_it_is_the_mean_of_ranks():
    numbers = np.random.default_rng(0)
    table = numbers.integers(0, 4, (6, 3)) / 4
    scores = {
        f"m{i}": dict(zip(BETTER, row, strict=True))
        for i, row in enumerate(table)
    }
    weights = {"auc": 2.0, "dice": 1.0, "distance": 1.0}
    found = challenge_ranking(scores, BETTER, weights)
    signed = table * [-1, -1, 1]
    each = rankdata(signed, method="min", axis=0)
    expected = each @ [0.5, 0.25, 0.25]
    assert [found[f"m{i}"] for i in range(6)] == pytest.approx(expected)
    assert list(found.values()) == sorted(found.values())


def test_undefined_values_rank_last():
    scores = {"a": {"auc": np.nan}, "b": {"auc": 0.1}, "c": {"auc": np.nan}}
    found = challenge_ranking(scores, {"auc": True})
    assert found == {"b": 1.0, "a": 2.0, "c": 2.0}


@pytest.mark.parametrize(
    ("better", "weights", "message"),
    [
        ({}, None, "a metric or more"),
        ({"auc": True, "iou": True}, None, r"'a' has no \['iou'\]"),
        ({"auc": True}, {"dice": 1.0}, r"expected \['auc'\]"),
        ({"auc": True}, {"auc": 0.0}, "not negative"),
    ],
)
def test_what_does_not_fit_is_refused(better, weights, message):
    with pytest.raises(ValueError, match=message):
        challenge_ranking({"a": {"auc": 0.5}}, better, weights)
