import keras
import pytest

from keras_mtl.aggregators import MGDA, Mean, PCGrad, Sum
from keras_mtl.aggregators.base import Aggregator
from keras_mtl.graph import split
from keras_mtl.trainers.phases import (
    check_choices,
    copies_of,
    make_phase,
    make_telemetry,
)
from keras_mtl.weightings import Static

JOINT, ALONE = [("a", "b", "c")], [("a",), ("b",), ("c",)]


class Blind(Aggregator):
    """Cannot work on the representation."""

    representation = False


class Few(Aggregator):
    """Serves two tasks only."""

    def check_tasks(self, tasks):
        if len(tasks) > 2:
            raise ValueError(f"at most 2 tasks, got {len(tasks)}")


def test_what_fits_is_let_through():
    check_choices(JOINT, None, None, "weights")
    check_choices(ALONE, None, Static(), "weights")
    check_choices(JOINT, MGDA(), None, "representation")
    check_choices([("a", "b"), ("c",)], Few(), None, "weights")


@pytest.mark.parametrize("aggregator", [None, Sum()])
def test_a_sum_at_the_frontier_is_refused(aggregator):
    with pytest.raises(ValueError, match="costs one backward pass there"):
        check_choices(JOINT, aggregator, None, "representation")


@pytest.mark.parametrize("aggregator", [Mean(), Blind()])
def test_methods_that_cannot_work_at_the_frontier_are_named(aggregator):
    name = type(aggregator).__name__
    with pytest.raises(ValueError, match=f"{name} does not work"):
        check_choices(JOINT, aggregator, None, "representation")


def test_a_method_says_which_tasks_it_cannot_serve():
    with pytest.raises(ValueError, match="at most 2 tasks, got 3"):
        check_choices(JOINT, Few(), None, "weights")


def test_every_group_has_an_aggregator_of_its_own():
    first = PCGrad("given", scale="sum")
    found = copies_of(first, 3)
    assert found[0] is first
    assert len({id(one) for one in found}) == 3
    assert all(one.get_config() == first.get_config() for one in found)
    assert copies_of(None, 2) == [None, None]


def make(kit, group, model=None, **options):
    whole = split(model or kit.build())
    return make_phase(whole, group, keras.optimizers.SGD(), **options)


def test_a_phase_knows_its_variables_by_owner(kit):
    phase = make(kit, ("a", "c"))
    assert [v.path for v in phase.shared] == ["trunk/kernel", "trunk/bias"]
    assert {t: [v.path for v in vs] for t, vs in phase.own.items()} == {
        "a": ["a/kernel", "a/bias"],
        "c": ["c/kernel", "c/bias"],
    }
    assert phase.positions == (0, 2)
    assert phase.name == "a+c"
    assert len(phase.variables) == 6


def test_alone_a_task_owns_what_it_reaches(kit):
    phase = make(kit, ("b",), aggregator=PCGrad())
    assert phase.shared == ()
    assert len(phase.own["b"]) == 4
    assert isinstance(phase.aggregator, Sum)


def test_a_group_has_a_frontier_of_its_own(kit):
    x = keras.Input((4,))
    trunk = keras.layers.Dense(5, name="trunk")(x)
    middle = keras.layers.Dense(3, name="middle")(trunk)
    reads = {"a": middle, "b": middle, "c": trunk}
    outputs = {t: keras.layers.Dense(2, name=t)(h) for t, h in reads.items()}
    model = keras.Model(x, outputs)
    options = {"aggregator": MGDA(), "gradients": "representation"}
    phase = make(kit, ("a", "b"), model, **options)
    assert [tuple(t.shape) for t in phase.split.frontier] == [(None, 3)]
    assert len(phase.shared) == 4


def tags(groups, aggregator=None, weighting=None, everything=False):
    found = make_telemetry(groups, aggregator, weighting, everything)
    return {group: telemetry.tags for group, telemetry in found.items()}


def test_telemetry_measures_what_costs_nothing():
    assert tags(JOINT) == {}
    assert tags(ALONE, everything=True) == {}
    assert tags(ALONE, weighting=Static()) == {
        (task,): [f"weight/{task}"] for task in "abc"
    }
    assert tags(JOINT, Mean())[JOINT[0]] == [f"weight/{t}" for t in "abc"]
    for found in (tags(JOINT, PCGrad()), tags(JOINT, everything=True)):
        assert "cosine/a/b" in found[JOINT[0]]


def test_tags_of_several_phases_do_not_collide():
    groups = [("a", "b"), ("c", "d")]
    found = tags(groups, PCGrad())
    names = [tag for listed in found.values() for tag in listed]
    assert len(names) == len(set(names))
    assert "conflict/fraction/a+b" in names
