import keras
import numpy as np
import pytest

from keras_mtl import metrics
from keras_mtl.backend.phase import Batch
from keras_mtl.trainers.task_metrics import TaskMetrics

NUMBERS = np.random.default_rng(0)


def batch(labels, weight=None):
    return Batch(None, {"a": labels}, {"a": weight})


def dense(width):
    """Labels of 3 classes, shape (4, 5, width); two samples have none."""
    labels = NUMBERS.integers(0, 3, (4, 5, width))
    labels[[1, 3]] = 255
    outputs = NUMBERS.normal(size=(4, 5, width, 3)).astype("float32")
    return labels, outputs, np.array([1, 0, 1, 0], "float32")


@pytest.mark.parametrize("width", [4, 6])
def test_a_weight_per_sample_leaves_out_whole_label_maps(width):
    labels, outputs, weight = dense(width)
    listed = [
        keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
        keras.metrics.MeanIoU(3, sparse_y_pred=False, name="iou"),
    ]
    scores = TaskMetrics({"a": listed}, {})
    scores.update(batch(labels, weight), {"a": outputs})
    kept, chosen = labels[[0, 2]], outputs[[0, 2]].argmax(-1)
    overlaps = [
        ((kept == c) & (chosen == c)).sum()
        / ((kept == c) | (chosen == c)).sum()
        for c in range(3)
    ]
    results = {name: float(value) for name, value in scores.results().items()}
    assert results == pytest.approx(
        {
            "a_accuracy": (kept == chosen).mean(),
            "a_iou": np.mean(overlaps),
        },
        rel=1e-5,
    )


@pytest.mark.parametrize("last", [(), (5, 6)])
def test_metrics_of_this_package_take_weights_of_samples_and_pixels(last):
    labels, outputs, weight = dense(6)
    weight = np.broadcast_to(weight.reshape(4, 1, 1), (4, 5, 6))
    if not last:
        weight = weight[:, 0, 0]
    metric = metrics.MeanIoU(3)
    TaskMetrics({"a": [metric]}, {}).update(
        batch(labels, weight), {"a": outputs}
    )
    alone = metrics.MeanIoU(3)
    alone.update_state(labels[[0, 2]], outputs[[0, 2]])
    assert float(metric.result()) == float(alone.result())


def test_one_hot_label_maps():
    labels, outputs, weight = dense(4)
    one_hot = np.eye(3, dtype="float32")[labels % 255]
    metric = keras.metrics.OneHotMeanIoU(3)
    scores = TaskMetrics({"a": [metric]}, {})
    scores.update(batch(one_hot, weight), {"a": outputs})
    alone = keras.metrics.OneHotMeanIoU(3)
    alone.update_state(one_hot[[0, 2]], outputs[[0, 2]])
    assert float(metric.result()) == pytest.approx(float(alone.result()))


def test_samples_without_label_leave_every_kind_of_metric():
    labels = np.array([[1], [0], [1], [0], [1]], "float32")
    outputs = NUMBERS.uniform(size=(5, 1)).astype("float32")
    weight = np.array([1, 1, 0, 1, 0], "float32")
    labels[weight == 0] = np.nan
    kinds = (keras.metrics.AUC, keras.metrics.Precision, keras.metrics.R2Score)
    listed, alone = [k() for k in kinds], [k() for k in kinds]
    TaskMetrics({"a": listed}, {}).update(batch(labels, weight), {"a": outputs})
    keep = weight > 0
    for metric, other in zip(listed, alone, strict=True):
        other.update_state(labels[keep], outputs[keep])
        assert float(metric.result()) == pytest.approx(float(other.result()))


def test_plain_metrics_count_labels_alike_and_weighted_ones_do_not():
    labels = np.array([[1.0], [2.0], [3.0]], "float32")
    weight = np.array([3.0, 0.0, 1.0], "float32")
    scores = TaskMetrics(
        {"a": [keras.metrics.MeanAbsoluteError(name="plain")]},
        {"a": [keras.metrics.MeanAbsoluteError(name="weighted")]},
    )
    outputs = {"a": np.zeros((3, 1), "float32")}
    scores.update(batch(labels, weight), outputs)
    results = {name: float(value) for name, value in scores.results().items()}
    assert results == {"a_plain": 2.0, "a_weighted": 1.5}


class Pair(keras.metrics.Metric):
    """Returns a dict, and takes no sample weight."""

    def update_state(self, y_true, y_pred):
        self.seen = float(np.sum(y_true))

    def result(self):
        return {"seen": self.seen, "twice": 2 * self.seen}


def test_a_metric_may_return_a_dict_and_take_no_weight():
    scores = TaskMetrics({"a": [Pair()]}, {})
    outputs = {"a": np.zeros(2, "float32")}
    scores.update(batch(np.array([1.0, 2.0])), outputs)
    assert scores.results() == {"a_seen": 3.0, "a_twice": 6.0}
    with pytest.raises(ValueError, match="takes no `sample_weight`"):
        scores.update(batch(np.array([1.0, 2.0]), np.ones(2)), outputs)


def test_tasks_without_labels_or_outputs_stay_as_they_are():
    metric = keras.metrics.MeanAbsoluteError()
    scores = TaskMetrics({"a": [metric], "b": []}, {})
    scores.update(batch(np.ones((2, 1))), {"b": np.zeros((2, 1))})
    scores.update(Batch(None, {}, {}), {"a": np.zeros((2, 1))})
    assert float(metric.count) == 0
    assert scores.all == [metric]
