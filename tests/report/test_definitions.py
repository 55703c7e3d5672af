import pytest

from keras_mtl.report.definitions import DEFINITIONS, definition, order


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("accuracy", 1),
        ("auc_1", 1),
        ("within_11_25", 1),
        ("published_mean_iou", 1),
        ("absolute_error", -1),
        ("mean_angle", -1),
        ("loss", -1),
    ],
)
def test_directions(name, direction):
    assert definition(name).direction == direction


def test_what_is_not_known_is_not_guessed():
    assert definition("brightness") is None
    assert definition("accuracy_of_something") is None


def test_known_metrics_come_first_and_losses_last_of_them():
    names = ["zebra", "loss", "within_30", "accuracy", "apple"]
    assert sorted(names, key=order) == [
        "accuracy", "within_30", "loss", "apple", "zebra",
    ]  # fmt: skip


def test_fractions_lie_between_0_and_1():
    assert DEFINITIONS["dice"].is_fraction
    assert not DEFINITIONS["loss"].is_fraction
