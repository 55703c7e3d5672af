from keras_mtl.runs.difference import differences, flatten


def test_leaves_are_named_with_dots():
    config = {"a": {"b": 1, "c": {}}, "d": (1, 2)}
    assert flatten(config) == {"a.b": 1, "a.c": {}, "d": [1, 2]}


def test_changed_added_and_removed_leaves_are_listed():
    old = {"a": {"b": 1}, "c": 2, "same": 0}
    new = {"a": {"b": 1.5}, "d": None, "same": 0}
    assert differences(old, new) == [
        "a.b: 1 -> 1.5",
        "c: 2 -> (absent)",
        "d: (absent) -> None",
    ]


def test_equal_configurations_differ_in_nothing():
    assert differences({"a": {"b": (1,)}}, {"a": {"b": [1]}}) == []
