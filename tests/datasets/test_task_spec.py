import keras
import numpy as np
import pytest

from keras_mtl.datasets import TaskSpec
from keras_mtl.errors import ConfigError


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
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ConfigError, match=message):
        TaskSpec("x", *arguments)
