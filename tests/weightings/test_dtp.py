import numpy as np
import pytest

from keras_mtl.weightings import DTP, dtp_weights

LOSSES = np.ones(2, "float32")


def test_weights_are_the_published_form():
    performance = np.array([0.5, 0.9])
    expected = -((1 - performance) ** 2) * np.log(performance)
    np.testing.assert_allclose(dtp_weights(performance, 2.0), expected)


def test_validation_metrics_are_averaged():
    weighting = DTP(alpha=0.5)
    weighting.build_state(["a", "b"])
    np.testing.assert_array_equal(weighting.task_weights(LOSSES), [1, 1])
    logs = {"val_a_accuracy": 0.5, "a_accuracy": 0.1, "b_accuracy": 0.8}
    weighting.on_epoch_end(0, logs)
    weighting.on_epoch_end(1, {**logs, "val_a_accuracy": 0.7})
    expected = dtp_weights(np.array([0.6, 0.8]))
    np.testing.assert_allclose(
        weighting.task_weights(LOSSES), expected, rtol=1e-5
    )


def test_a_missing_metric_is_named():
    weighting = DTP({"a": "auc", "b": "accuracy"})
    weighting.build_state(["a", "b"])
    with pytest.raises(ValueError, match="metric 'auc' of task 'a'"):
        weighting.on_epoch_end(0, {"b_accuracy": 0.5})


def test_a_metric_beyond_one_is_refused():
    weighting = DTP("error")
    weighting.build_state(["a"])
    with pytest.raises(ValueError, match=r"val_a_error=3\.0"):
        weighting.on_epoch_end(0, {"val_a_error": 3.0})


def test_every_task_needs_a_metric():
    with pytest.raises(ValueError, match="one metric for each of the tasks"):
        DTP({"a": "auc"}).build_state(["a", "b"])
