import numpy as np
import pytest
from keras import ops

from keras_mtl import metrics

LABELS = np.array([[1, 0, 0], [1, 0, 1]], "float32")
OUTPUTS = np.array([[2, -1, -1], [-1, -1, 1]], "float32")


def value(kind, **options):
    metric = kind(3, **options)
    metric.update_state(LABELS, OUTPUTS)
    return metric


@pytest.mark.parametrize(
    ("kind", "each"),
    [
        (metrics.Precision, [1, 0, 1]),
        (metrics.Recall, [0.5, 0, 1]),
        (metrics.F1Score, [2 / 3, 0, 1]),
        (metrics.Sensitivity, [0.5, np.nan, 1]),
        (metrics.Specificity, [np.nan, 1, 1]),
        (metrics.MeanIoU, [0.5, np.nan, 1]),
        (metrics.PixelAccuracy, [0.5, 1, 1]),
    ],
)
def test_each_output_and_their_mean(kind, each):
    metric = value(kind)
    np.testing.assert_allclose(metric.per_output(), each)
    assert float(metric.result()) == pytest.approx(np.nanmean(each))


def test_without_labels_a_rate_is_undefined_and_a_score_zero():
    for kind in (metrics.Sensitivity, metrics.Specificity, metrics.MeanIoU):
        assert np.isnan(float(kind(2).result()))
    for kind in (metrics.Precision, metrics.Recall, metrics.F1Score):
        assert float(kind(2).result()) == 0


def test_probabilities_have_another_threshold():
    odds = ops.sigmoid(OUTPUTS)
    found = metrics.Precision(3, from_logits=False)
    found.update_state(LABELS, odds)
    expected = value(metrics.Precision)
    assert float(found.result()) == float(expected.result())
    assert found.get_config()["from_logits"] is False


def test_weights_that_are_not_binary_weigh():
    metric = metrics.Recall(3)
    metric.update_state(LABELS, OUTPUTS, np.array([3.0, 1.0]))
    np.testing.assert_allclose(metric.per_output(), [0.75, 0, 1])


def test_outputs_must_be_as_many_as_said():
    with pytest.raises(ValueError, match=r"'recall'.*num_outputs=2.*\(2, 3\)"):
        metrics.Recall(2).update_state(LABELS, OUTPUTS)
    with pytest.raises(ValueError, match="num_outputs=0"):
        metrics.Recall(0)
