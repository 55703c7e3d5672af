import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keras_mtl.cli.predictions import predictions
from keras_mtl.errors import DataError


def task(kind, names=None):
    return {"kind": kind, "class_names": names}


def test_classes_have_a_label_and_probabilities():
    (row,) = predictions(
        np.log([[1.0, 3.0]]), task("classification", ["cat", "dog"])
    )
    assert row["label"] == "dog"
    assert row["probabilities"] == pytest.approx({"cat": 0.25, "dog": 0.75})


def test_yes_and_no_labels_hold_above_one_half():
    (row,) = predictions(
        np.array([[np.log(3.0), -800.0]]), task("binary", ["old", "smiling"])
    )
    assert row["labels"] == ["old"]
    assert row["probabilities"] == pytest.approx({"old": 0.75, "smiling": 0})


def test_a_regression_gives_its_values():
    rows = predictions(np.array([[1.5], [2.5]]), task("regression"))
    assert rows == [{"values": [1.5]}, {"values": [2.5]}]


def test_classes_without_names_are_numbered():
    (row,) = predictions(np.array([[0.0, 1.0]]), task("classification"))
    assert row["label"] == "1"


@given(
    arrays.arrays(
        "float32", (2, 3), elements=st.floats(-(2.0**99), 2.0**99, width=32)
    )
)
def test_probabilities_sum_to_one_at_every_scale(logits):
    for row in predictions(logits, task("classification")):
        assert sum(row["probabilities"].values()) == pytest.approx(1)


def test_maps_are_refused():
    with pytest.raises(DataError, match=r"Received: shape=\(1, 2, 2, 3\)"):
        predictions(np.zeros((1, 2, 2, 3)), task("classification"))
