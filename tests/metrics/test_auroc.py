import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops
from sklearn.metrics import roc_auc_score

from keras_mtl.metrics import AUROC

NUMBERS = np.random.default_rng(0)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 1.0, 30.0]))
@settings(max_examples=15)
def test_it_is_the_area_of_scikit_learn(seed, scale):
    numbers = np.random.default_rng(seed)
    labels = numbers.integers(0, 2, (400, 1))
    outputs = scale * (labels + 2 * numbers.normal(size=labels.shape))
    metric = AUROC(1)
    metric.update_state(labels, outputs.astype("float32"))
    yes, no = (np.arcsinh(outputs[labels == label]) for label in (1, 0))
    near = np.abs(yes[:, None] - no) < 20 / 16_384 + 1e-6
    gap = float(metric.result()) - roc_auc_score(labels, outputs)
    assert abs(gap) <= near.mean() / 2
    assert near.mean() < 0.01


def test_many_samples_are_right_to_six_digits():
    labels = NUMBERS.integers(0, 2, 50_000)
    outputs = (labels + NUMBERS.normal(size=labels.shape)).astype("float32")
    metric = AUROC(1)
    metric.update_state(labels, outputs[:, None])
    expected = roc_auc_score(labels, outputs)
    np.testing.assert_allclose(metric.result(), expected, atol=1e-6)


def test_ties_count_a_half():
    metric = AUROC(1)
    metric.update_state(np.array([1, 0, 1, 0]), np.zeros((4, 1)))
    assert float(metric.result()) == 0.5


def test_labels_without_both_answers_are_left_out():
    labels = np.array([[1, 1, 0], [1, 0, 0]])
    outputs = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    metric = AUROC(3)
    assert np.isnan(float(metric.result()))
    metric.update_state(labels, outputs)
    np.testing.assert_array_equal(metric.per_output(), [np.nan, 1, np.nan])
    assert float(metric.result()) == 1


def test_a_weight_for_each_label():
    labels = NUMBERS.integers(0, 2, (60, 3)).astype("float32")
    outputs = NUMBERS.normal(size=(60, 3)).astype("float32")
    weight = NUMBERS.integers(0, 2, (60, 3)).astype("float32")
    metric = AUROC(3)
    metric.update_state(labels, outputs, weight)
    expected = [
        roc_auc_score(labels[known, j], outputs[known, j])
        for j, known in enumerate(weight.T > 0)
    ]
    np.testing.assert_allclose(metric.per_output(), expected, atol=1e-3)


def test_probabilities_rank_as_their_logits():
    labels = NUMBERS.integers(0, 2, (50, 1))
    outputs = 3 * NUMBERS.normal(size=(50, 1)).astype("float32")
    outputs[:2] = [[60.0], [-120.0]]  # probabilities of 1 and 0
    logits, odds = AUROC(1), AUROC(1, from_logits=False)
    logits.update_state(labels, outputs)
    odds.update_state(labels, ops.sigmoid(outputs))
    np.testing.assert_allclose(odds.result(), logits.result(), atol=1e-3)


@pytest.mark.parametrize("options", [{"num_outputs": 0}, {"bins": 1}])
def test_numbers_out_of_range_are_refused(options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=f"{name}={value}"):
        AUROC(**{"num_outputs": 1, **options})
