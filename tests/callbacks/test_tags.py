import pytest

from keras_mtl.callbacks.tags import tag, task_of, tasks_in


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("loss", "loss/total"),
        ("val_loss", "loss/total"),
        ("left_loss", "loss/left"),
        ("val_left_accuracy", "metric/left/accuracy"),
        ("left_top_accuracy", "metric/left_top/accuracy"),
        ("weight_left", "weight/left"),
        ("learning_rate", "learning_rate"),
        ("accuracy", "metric/accuracy"),
        ("distance_per_step", "distance/per_step"),
        ("roaming_occupancy", "roaming/occupancy"),
        ("distance", "metric/distance"),
    ],
)
def test_keys_of_the_logs_become_tags(key, expected):
    assert tag(key, ("left", "left_top")) == expected


def test_tasks_are_told_from_the_losses():
    keys = ["loss", "b_loss", "a_loss", "a_accuracy", "val_a_loss"]
    assert tasks_in(keys) == ("a", "b")


def test_what_belongs_to_no_task_keeps_its_name():
    assert task_of("accuracy", ("left",)) == (None, "accuracy")


def test_a_task_may_be_called_like_a_group():
    assert tag("distance_accuracy", ("distance",)) == "metric/distance/accuracy"
