import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.trainers.grouping import resolve_groups

TASKS = ("a", "b", "c", "d", "e")


def test_none_is_every_task_for_itself():
    assert resolve_groups(TASKS, None, 0) == tuple((t,) for t in TASKS)


@given(st.integers(1, 12), st.integers(0, 99), st.data())
def test_dealt_groups_are_an_even_partition(num_tasks, seed, data):
    tasks = [f"t{index:02d}" for index in range(num_tasks)]
    count = data.draw(st.integers(1, num_tasks))
    groups = resolve_groups(tasks, count, seed)
    sizes = [len(group) for group in groups]
    assert len(groups) == count
    assert max(sizes) - min(sizes) <= 1
    assert sorted(task for group in groups for task in group) == tasks
    assert groups == resolve_groups(tasks, count, seed)


def test_the_seed_decides():
    drawn = {resolve_groups(TASKS, 2, seed) for seed in range(20)}
    assert len(drawn) > 3


def test_named_groups_keep_their_order():
    groups = resolve_groups(TASKS, [["e", "b"], ["d"], ("c", "a")], 0)
    assert groups == (("b", "e"), ("d",), ("a", "c"))


@pytest.mark.parametrize("count", [0, 6, -1, True])
def test_a_number_out_of_range_is_refused(count):
    with pytest.raises(ValueError, match=rf"\(5\).*groups={count}"):
        resolve_groups(TASKS, count, 0)


@pytest.mark.parametrize("groups", ["ab", 2.0, ["ab", "cde"], {"a": "b"}])
def test_what_is_no_list_of_lists_is_refused(groups):
    with pytest.raises(ValueError, match="Received: groups="):
        resolve_groups(TASKS, groups, 0)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([["a", "b"], ["c", "d"]], r"Missing: \['e'\]"),
        ([["a", "b", "x"], ["c", "d", "e"]], r"Unknown: \['x'\]"),
        ([["a", "b"], ["b", "c", "d", "e"]], r"Named twice: \['b'\]"),
        ([["a", "b", "c", "d", "e"], []], "not empty"),
    ],
)
def test_what_is_no_partition_is_explained(groups, message):
    with pytest.raises(ValueError, match=message):
        resolve_groups(TASKS, groups, 0)
