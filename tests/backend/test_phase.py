import numpy as np
import pytest

from keras_mtl.backend.phase import Batch, presence
from keras_mtl.losses import TaskLoss

LABELS = {"a": np.array([[1.0], [np.nan]]), "b": np.ones((2, 1))}
BATCH = Batch(np.zeros((2, 3)), LABELS, {"a": np.array([1.0, 0.0]), "b": None})


def test_presence_of_tasks():
    assert presence(BATCH, ("b",)) is None
    assert presence(BATCH, ("a", "b")).numpy().tolist() == [True, True]
    nobody = Batch(None, LABELS, {"a": np.zeros(2), "b": None})
    found = presence(nobody, ("a", "b", "c")).numpy()
    assert found.tolist() == [False, True, False]


def test_labels_without_value_become_zero():
    np.testing.assert_array_equal(BATCH.clean_labels("a"), [[1.0], [0.0]])
    assert BATCH.clean_labels("b") is LABELS["b"]


def test_a_task_without_labels_has_no_loss():
    value = BATCH.loss("c", TaskLoss("mse", "c"), None)
    assert (float(value.value), float(value.count)) == (0.0, 0.0)
    value = BATCH.loss("a", TaskLoss("mse", "a"), np.zeros((2, 1)))
    assert (float(value.value), float(value.count)) == (1.0, 1.0)


def test_inputs_of_its_own_for_each_task():
    assert BATCH.inputs_for(("a", "b")) is BATCH.inputs
    inputs = {"a": np.zeros((2, 3)), "b": np.ones((5, 3))}
    batch = Batch(inputs, LABELS, dict.fromkeys("ab"), per_task=True)
    assert batch.inputs_for(("b",)) is inputs["b"]
    with pytest.raises(ValueError, match="each has inputs of its own"):
        batch.inputs_for(("a", "b"))
