import pytest

from keras_mtl.callbacks.cosine_means import CosineMeans


def test_means_are_over_steps():
    means = CosineMeans(("a", "b/c", "d"))
    means.add({"cosine/a/b/c": 0.5, "loss/total": 3.0}, 6)
    means.add({"cosine/a/b/c": -0.5, "cosine/b/c/d": 0.2}, 2)
    assert means.result() == pytest.approx(
        {("a", "b/c"): 0.25, ("b/c", "d"): 0.2}
    )
    assert means.draw().width > 0


def test_without_cosines_there_is_nothing_to_draw():
    means = CosineMeans(("a", "b"))
    means.add({"weight/a": 1.0}, 5)
    assert means.result() == {}
    assert means.draw() is None
