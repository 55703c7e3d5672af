import numpy as np
import pytest

from keras_mtl.trainers.batches import make_batch

TASKS = ("a", "b")
X = np.zeros((3, 2), "float32")
Y = {"a": np.zeros(3, "int64"), "b": np.ones((3, 1), "float32")}


def test_labels_by_task_without_weights():
    batch = make_batch((X, Y), TASKS)
    assert batch.inputs is X
    assert batch.labels == Y
    assert batch.weights == {"a": None, "b": None}


def test_a_missing_task_and_none_mean_no_label():
    for labels in ({"a": Y["a"]}, {**Y, "b": None}):
        batch = make_batch((X, labels), TASKS)
        assert set(batch.labels) == {"a"}
        assert not batch.present("b")
        assert batch.present("a") is None


def test_one_weight_serves_all_tasks():
    batch = make_batch((X, Y, np.array([0, 2, 1])), TASKS)
    for task in TASKS:
        np.testing.assert_array_equal(batch.weights[task], [0.0, 2.0, 1.0])


def test_weights_of_some_tasks():
    batch = make_batch((X, Y, {"b": np.array([0, 0, 0])}), TASKS)
    assert batch.weights["a"] is None
    assert not batch.present("b")


def test_labels_of_a_single_task_need_no_dict():
    assert make_batch((X, Y["a"]), ("a",)).labels["a"] is Y["a"]


def test_labels_that_are_no_dict_are_refused():
    with pytest.raises(ValueError, match="Received: ndarray"):
        make_batch((X, Y["a"]), TASKS)


@pytest.mark.parametrize("data", [X, (X,), (X, {})])
def test_no_labels_are_refused(data):
    with pytest.raises(ValueError, match="need labels: expected elements"):
        make_batch(data, TASKS)


def test_a_misspelt_task_gets_the_nearest_name():
    tasks = ("left", "right")
    with pytest.raises(ValueError, match=r"'rigth'.*Did you mean 'right'"):
        make_batch((X, {"rigth": Y["a"]}), tasks)
    with pytest.raises(ValueError, match="`sample_weight` names a task"):
        make_batch((X, {"left": Y["a"]}, {"lef": None}), tasks)


def test_inputs_of_each_task():
    x = {"a": X, "b": X[:1]}
    batch = make_batch((x, Y), TASKS)
    assert batch.inputs_for(("b",)) is x["b"]
    with pytest.raises(ValueError, match="but each has inputs of its own"):
        batch.inputs_for(TASKS)


def test_a_dict_over_the_inputs_of_the_model_is_no_dict_of_tasks():
    for x, names in [({"a": X, "b": X}, TASKS), ({"c": X}, ())]:
        batch = make_batch((x, Y), TASKS, names)
        assert batch.inputs_for(TASKS) is x


def test_labels_without_inputs_are_refused():
    with pytest.raises(ValueError, match=r"Missing in `x`: \['b'\]"):
        make_batch(({"a": X}, Y), TASKS)
