import keras
import numpy as np
import pytest

from keras_mtl.aggregators import (
    CRMOGM,
    MGDA,
    PCD,
    Constant,
    GradDrop,
    Mean,
    PCGrad,
    Sum,
    UPGrad,
)
from keras_mtl.aggregators.base import Aggregator
from keras_mtl.graph import split
from keras_mtl.trainers import Shared
from keras_mtl.trainers.phases import (
    check_choices,
    copies_of,
    make_phase,
    make_telemetry,
)
from keras_mtl.weightings import GradNorm, Static

JOINT, ALONE = [("a", "b", "c")], [("a",), ("b",), ("c",)]


@pytest.mark.parametrize("groups", [[("a",)], [("a", "b"), ("c",)]])
def test_a_weighting_that_compares_gradients_needs_two_tasks(groups):
    with pytest.raises(ValueError, match=r"Stepped alone: \['[ac]'\]"):
        check_choices(groups, None, GradNorm(), "weights")


def test_state_for_another_number_of_tasks_is_refused():
    inputs = keras.Input((3,), name="x")
    hidden = keras.layers.Dense(2)(inputs)
    outputs = {t: keras.layers.Dense(1, name=t)(hidden) for t in "ab"}
    aggregator = UPGrad()
    aggregator.build_state(3, [])
    trainer = Shared(keras.Model(inputs, outputs), aggregator)
    with pytest.raises(ValueError, match="built for 3 tasks"):
        trainer.compile("sgd", loss="mse")


class Blind(Aggregator):
    """Cannot work on the representation."""

    representation = False


class Few(Aggregator):
    """Serves two tasks only."""

    def check_tasks(self, tasks, among=None):
        if len(tasks) > 2:
            raise ValueError(f"at most 2 tasks, got {len(tasks)}")


def test_what_fits_is_let_through():
    check_choices(JOINT, None, None, "weights")
    check_choices(ALONE, None, Static(), "weights")
    check_choices(JOINT, MGDA(), None, "representation")
    assert len(copies_of(Few(), [("a", "b"), ("c",)], "abc")) == 2


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
        copies_of(Few(), JOINT, JOINT[0])


def test_every_group_has_an_aggregator_of_its_own():
    first = PCGrad("given", scale="sum")
    found = copies_of(first, ALONE, JOINT[0])
    assert found[0] is first
    assert len({id(one) for one in found}) == 3
    assert all(one.get_config() == first.get_config() for one in found)
    assert copies_of(None, ALONE[:2], JOINT[0]) == [None, None]


GROUPS, TASKS = [("a", "c"), ("b", "d"), ("e",)], tuple("abcde")


def in_groups(aggregator):
    """The copies for the groups of two tasks."""
    return copies_of(aggregator, GROUPS, TASKS)[:2]


@pytest.mark.parametrize("named", [True, False])
def test_preferences_are_those_of_the_tasks_of_each_group(named):
    preference = dict(zip(TASKS, [1, 2, 3, 4, 5], strict=True))
    given = preference if named else list(preference.values())
    first, second = in_groups(UPGrad(preference=given))
    assert (first.values(), second.values()) == ([1, 3], [2, 4])


def test_constant_weights_and_leaks_are_those_of_each_group():
    weights = dict(zip(TASKS, [1.0, 2.0, 3.0, 4.0, 5.0], strict=True))
    found = [
        np.array(one.task_weights(None)) for one in in_groups(Constant(weights))
    ]
    np.testing.assert_array_equal(found, [[1, 3], [2, 4]])
    first, second = in_groups(GradDrop(leak={"c": 1.0, "d": 0.5}, seed=0))
    # What is smaller by far is dropped, but for the leak.
    stack = np.array([[1e8], [-128.0]], "float64")
    assert float(first.combine(stack)[0]) == 1e8 - 128
    assert float(second.combine(stack)[0]) == 1e8 - 64


def test_a_group_without_the_primary_task_follows_its_first():
    gram = np.array([[1.0, -0.5], [-0.5, 1.0]], "float32")
    with_it, without = in_groups(PCD(primary="c", tau=0.0))
    assert np.argmax(with_it.task_weights(gram)) == 1
    assert np.argmax(without.task_weights(gram)) == 0


def test_the_wrapped_method_knows_its_group_too():
    inner = UPGrad(preference=[1, 2, 3, 4, 5])
    found = [one.aggregator.values() for one in in_groups(CRMOGM(inner))]
    assert found == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    "aggregator",
    [
        UPGrad(preference={"a": 1.0, "c": 1.0}),
        UPGrad(preference=[1.0, 2.0]),
        Constant({"a": 1.0, "z": 1.0}),
        GradDrop(leak={"z": 0.5}),
        PCD(primary="z"),
    ],
)
def test_names_that_no_group_has_are_refused(aggregator):
    with pytest.raises(ValueError, match="'a', 'b', 'c', 'd', 'e'"):
        in_groups(aggregator)


def test_a_group_without_any_preference_is_refused():
    preference = {"a": 1.0, "b": 0.0, "c": 1.0, "d": 0.0, "e": 1.0}
    with pytest.raises(
        ValueError, match=r"0 for all of the tasks \['b', 'd'\]"
    ):
        in_groups(UPGrad(preference=preference))


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
