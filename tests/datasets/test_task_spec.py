import keras
import numpy as np
import pytest

from keras_mtl.datasets import TaskSpec
from keras_mtl.datasets.task_spec import DENSE_KINDS
from keras_mtl.errors import ConfigError
from keras_mtl.losses import TaskLoss


def test_the_defaults_of_a_classification_take_logits():
    task = TaskSpec("digit", "classification", 3)
    logits = np.array([[0.0, np.log(2.0), 0.0]], "float32")
    np.testing.assert_allclose(
        task.default_loss()(np.array([1]), logits), np.log(2), rtol=1e-6
    )
    (metric,) = task.default_metrics()
    metric.update_state(np.array([1]), logits)
    assert metric.name == "accuracy"
    assert float(metric.result()) == 1


def test_the_defaults_of_a_binary_task_take_logits():
    task = TaskSpec("smiles", "binary", 1)
    np.testing.assert_allclose(
        task.default_loss()(np.array([[1.0]]), np.array([[0.0]])),
        np.log(2),
        rtol=1e-6,
    )
    (metric,) = task.default_metrics()
    metric.update_state(np.array([[1.0], [0.0]]), np.array([[0.1], [-0.1]]))
    assert float(metric.result()) == 1


def test_the_defaults_of_a_regression():
    task = TaskSpec("load", "regression", 2)
    assert isinstance(task.default_loss(), keras.losses.MeanSquaredError)
    assert [m.name for m in task.default_metrics()] == ["mae"]


PIXELS = np.random.default_rng(0).normal(size=(2, 3, 4, 3)).astype("float32")


@pytest.mark.parametrize("kind", DENSE_KINDS)
def test_the_defaults_of_a_map_take_an_output_a_pixel(kind):
    count = {"depth": 1, "normals": 3}.get(kind, 2)
    task = TaskSpec("map", kind, count)
    assert task.is_dense
    labels = np.abs(PIXELS[..., :count])
    if kind == "segmentation":
        labels = (PIXELS[..., 0] > 0).astype("int32")
    elif kind == "mask":
        labels = (labels > 0).astype("float32")
    weight = np.zeros((2, 3, 4), "float32")
    weight[0, 1] = 1
    loss = TaskLoss(task.default_loss(), "map")
    outputs = PIXELS[..., ::-1][..., :count]
    value = loss(labels, outputs, weight)
    assert float(value.count) == 4
    alone = loss(labels[:1, 1:2], outputs[:1, 1:2])
    np.testing.assert_allclose(value.value, alone.value, rtol=1e-5)
    for metric in task.default_metrics():
        metric.update_state(labels, outputs, sample_weight=weight)
        assert np.isfinite(metric.result())
    assert [m.name for m in task.default_metrics()] == {
        "segmentation": ["mean_iou", "pixel_accuracy"],
        "mask": ["mean_iou", "pixel_accuracy"],
        "depth": ["absolute_error", "relative_error"],
        "normals": [
            "mean_angle",
            "median_angle",
            "within_11_25",
            "within_22_5",
            "within_30",
        ],
        "heatmap": ["mae"],
    }[kind]


def test_vectors_are_not_dense():
    assert not TaskSpec("x", "binary", 2).is_dense


def test_every_call_gives_fresh_metrics():
    task = TaskSpec("digit", "classification", 3)
    assert task.default_metrics()[0] is not task.default_metrics()[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("clustering", 2), r"must be one of .* Received: 'clustering'"),
        (("classification", 1), "must be 2 or more. Received: 1"),
        (("regression", 0), "must be 1 or more. Received: 0"),
        (("classification", 3, ("a",)), "3 outputs and 1 class names"),
        (("segmentation", 1), "must be 2 or more. Received: 1"),
        (("mask", 0), "must be 1 or more. Received: 0"),
        (("depth", 2), "depth task 'x' must be 1. Received: 2"),
        (("normals", 1), "normals task 'x' must be 3. Received: 1"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        TaskSpec("x", *arguments)


@pytest.mark.parametrize("name", ["", "a/b", "..\\b", "a\nb", "a\0"])
def test_a_name_that_no_file_can_have_is_refused(name):
    with pytest.raises(ConfigError, match="without slashes and line breaks"):
        TaskSpec(name, "binary", 1)
