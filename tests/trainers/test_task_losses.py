import numpy as np
import pytest

from keras_mtl.trainers.task_losses import TaskLosses


def test_means_are_weighted_by_labelled_elements():
    metric = TaskLosses(("a", "b"), {"b": 2.0})
    metric.update_state(np.array([1.0, 5.0]), np.array([2.0, 0.0]), 0.5)
    metric.update_state(np.array([4.0, 3.0]), np.array([1.0, 1.0]), 0.1)
    results = {name: float(value) for name, value in metric.result().items()}
    assert results == pytest.approx(
        {"loss": 2.0 + 2 * 3.0 + 0.3, "a_loss": 2.0, "b_loss": 3.0}
    )
    assert list(results) == ["loss", "a_loss", "b_loss"]


def test_a_task_without_labels_has_loss_zero():
    metric = TaskLosses(("a", "b"), {})
    assert {float(value) for value in metric.result().values()} == {0.0}
    metric.update_state(np.array([1.0, 0.0]), np.array([2.0, 0.0]), 0.0)
    assert float(metric.result()["b_loss"]) == 0.0
    metric.reset_state()
    assert float(metric.result()["a_loss"]) == 0.0
