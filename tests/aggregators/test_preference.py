import pytest

from keras_mtl.aggregators.preference import (
    PreferenceAggregator,
    check_preference,
    in_order,
)


def test_preferences_are_put_in_the_order_of_the_tasks():
    tasks = ["a", "b"]
    assert in_order("preference", {"b": 2, "a": 1}, tasks) == [1.0, 2.0]
    assert in_order("preference", [1, 2], tasks) == [1.0, 2.0]
    assert in_order("preference", None, tasks) is None


@pytest.mark.parametrize("bad", [[-1.0], [float("inf")], [0.0], {"a": -1.0}])
def test_unusable_preferences_are_refused(bad):
    with pytest.raises(ValueError, match="must be finite and not negative"):
        check_preference("preference", bad)


def test_names_must_be_known_first():
    aggregator = PreferenceAggregator(preference={"a": 1.0})
    with pytest.raises(ValueError, match="given by task name"):
        aggregator.values()
    aggregator.check_tasks(["a"])
    assert aggregator.values() == [1.0]
    assert PreferenceAggregator().values() is None
