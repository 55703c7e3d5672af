import pytest

from keras_mtl.models.kinds import (
    DENSE_KINDS,
    VECTOR_KINDS,
    check_kinds,
    is_dense,
)

TASKS = {"a": 1, "b": 2}


def test_kinds_are_vectors_or_maps():
    assert all(is_dense(kind) for kind in DENSE_KINDS)
    assert not any(is_dense(kind) for kind in VECTOR_KINDS)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, {"a": "mask", "b": "mask"}),
        ({"b": "binary"}, {"a": "mask", "b": "binary"}),
        ({"b": "depth", "a": "mask"}, {"a": "mask", "b": "depth"}),
    ],
)
def test_what_is_left_out_has_the_default(given, found):
    assert check_kinds(TASKS, given, "mask") == found
    assert list(check_kinds(TASKS, given, "mask")) == ["a", "b"]


@pytest.mark.parametrize("kinds", [{"c": "mask"}, ["mask"], "mask"])
def test_kinds_of_other_tasks(kinds):
    with pytest.raises(ValueError, match="must map tasks among"):
        check_kinds(TASKS, kinds, "mask")


def test_an_unknown_kind():
    with pytest.raises(ValueError, match=r"kinds\['a'\].*Received: 'nope'"):
        check_kinds(TASKS, {"a": "nope"}, "mask")
