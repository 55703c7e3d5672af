import numpy as np
import pytest

from keras_mtl.datasets import TaskSpec
from keras_mtl.datasets.labels import clean_labels
from keras_mtl.errors import DataError

DIGIT = TaskSpec("digit", "classification", 3)
SMILES = TaskSpec("smiles", "binary", 1)
LOADS = TaskSpec("loads", "regression", 2)


def clean(task, labels):
    return clean_labels("toy", task, labels, len(labels))


def test_missing_classes_become_zero_and_are_marked():
    labels = clean(DIGIT, [2.0, float("nan"), 1.0])
    assert labels.values.tolist() == [2, 0, 1]
    assert labels.values.dtype == np.int32
    assert labels.present.tolist() == [True, False, True]


def test_one_missing_output_makes_the_sample_missing():
    labels = clean(LOADS, [[1.5, np.nan], [2.0, 3.0]])
    assert labels.values.tolist() == [[0, 0], [2, 3]]
    assert labels.values.dtype == np.float32
    assert labels.present.tolist() == [False, True]


@pytest.mark.parametrize("labels", [[1, 0], [[1], [0]], [True, False]])
def test_one_output_may_be_flat(labels):
    assert clean(SMILES, labels).values.tolist() == [[1.0], [0.0]]


def test_none_is_missing():
    assert clean(SMILES, [1, None]).present.tolist() == [True, False]


@pytest.mark.parametrize(
    ("task", "labels", "message"),
    [
        (DIGIT, [0, 3, 4], r"2 label\(s\) are not a class id in 0\.\.2.*is 3"),
        (DIGIT, [0, -1], "the first is -1, of sample 1"),
        (DIGIT, [0.5], "the first is 0.5, of sample 0"),
        (DIGIT, [np.inf], "not a class id"),
        (SMILES, [0, 2], "not 0 or 1; the first is 2"),
        (LOADS, [[0, np.inf]], "not a finite number; the first is inf"),
        (LOADS, [0, 1], r"expected labels of shape \(2, 2\).*\(2,\)"),
        (DIGIT, [[0, 1]], r"expected labels of shape \(1, 1\).*\(1, 2\)"),
        (DIGIT, ["cat"], "labels that are numbers .* class ids"),
    ],
)
def test_wrong_labels_are_named(task, labels, message):
    with pytest.raises(DataError, match=f"toy, task '{task.name}'.*{message}"):
        clean(task, labels)
