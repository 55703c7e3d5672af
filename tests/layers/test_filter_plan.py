import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keras_mtl.layers.filter_plan import (
    check_ratio,
    filters_per_task,
    initial_mask,
    planned_updates,
    random_scores,
    similarity_scores,
    summary,
    swap,
)

SIZES = {
    "p": st.floats(0, 1),
    "filters": st.integers(1, 40),
    "tasks": st.integers(1, 9),
    "seed": st.integers(0, 2**32),
}


def roamed(mask, seed, updates=None, **options):
    """The masks after each update, until every task has used every filter."""
    mask = mask.copy()
    visited = mask.copy()
    num_tasks, filters = mask.shape
    planned = filters - int(mask[0].sum())
    for update in range(planned if updates is None else updates):
        scores = random_scores([seed], update, num_tasks, filters)
        swaps = swap(mask, visited, range(num_tasks), scores, **options)
        yield mask, visited, swaps


@pytest.mark.parametrize(
    ("p", "filters", "tasks", "count"),
    [
        (0.8, 10, 2, 8),
        (0.8, 64, 8, 52),
        (1.0, 7, 3, 7),
        (0.0, 10, 3, 4),
        (0.0, 3, 5, 1),
        (0.1, 10, 2, 5),
    ],
)
def test_number_of_filters_per_task(p, filters, tasks, count):
    assert filters_per_task(p, filters, tasks) == count


@given(**SIZES)
def test_first_masks_are_equal_in_size_and_cover_every_filter(
    p, filters, tasks, seed
):
    mask = initial_mask(p, filters, tasks, seed)
    count = filters_per_task(p, filters, tasks)
    assert mask.shape == (tasks, filters)
    np.testing.assert_array_equal(mask.sum(axis=1), count)
    assert mask.sum(axis=0).min() >= 1
    np.testing.assert_array_equal(mask, initial_mask(p, filters, tasks, seed))


def test_nothing_shared_with_p_0():
    mask = initial_mask(0.0, 12, 3, seed=0)
    np.testing.assert_array_equal(mask.sum(axis=0), 1)


@given(**SIZES, keep_coverage=st.booleans())
def test_a_whole_plan(p, filters, tasks, seed, keep_coverage):
    start = initial_mask(p, filters, tasks, seed)
    count = int(start[0].sum())
    plan = roamed(start, seed, keep_coverage=keep_coverage)
    before, length = start.copy(), 0
    for mask, visited, swaps in plan:
        length += 1
        assert [task for task, *_ in swaps] == list(range(tasks))
        np.testing.assert_array_equal(mask.sum(axis=1), count)
        np.testing.assert_array_equal(visited.sum(axis=1), count + length)
        assert (visited | ~mask).all()
        changes = {(task, f) for task, *pair in swaps for f in pair}
        found = {tuple(map(int, x)) for x in np.argwhere(mask != before)}
        assert found == changes
        before = mask.copy()
    assert length == filters - count == planned_updates(filters, count)
    if length:
        assert visited.all()
        scores = random_scores([seed], length, tasks, filters)
        assert swap(mask, visited, range(tasks), scores) == []


@given(**SIZES)
def test_coverage_is_lost_only_where_there_is_no_choice(
    p, filters, tasks, seed
):
    mask = initial_mask(p, filters, tasks, seed)
    visited = mask.copy()
    for update in range(filters - int(mask[0].sum())):
        scores = random_scores([seed], update, tasks, filters)
        for task in range(tasks):
            users = mask.sum(axis=0)
            choice = bool((mask[task] & (users > 1)).any())
            (found,) = swap(mask, visited, [task], scores)
            if choice:
                assert users[found[2]] > 1


def test_every_filter_keeps_a_task_where_the_published_code_loses_some():
    start = initial_mask(0.6, 512, 2, seed=0)
    least = min(int(mask.sum(axis=0).min()) for mask, *_ in roamed(start, 0))
    assert least >= 1
    published = roamed(start, 0, keep_coverage=False)
    unused = max(summary(mask)[2] for mask, *_ in published)
    assert unused > 20


def test_pairs_of_tasks_keep_sharing_p_squared():
    overlaps = []
    for seed in range(40):
        start = initial_mask(0.6, 50, 4, seed)
        for mask, *_ in roamed(start, seed, keep_coverage=False):
            overlaps.append(summary(mask)[1])
    assert np.mean(overlaps) == pytest.approx(0.36, abs=0.02)


def test_share_of_the_filters_visited_grows_linearly():
    # P(i in B_t) = p + (1 - p) r(c).
    hits = np.zeros(20)
    for seed in range(200):
        start = initial_mask(0.5, 40, 3, seed)
        for index, (_, visited, _) in enumerate(roamed(start, seed)):
            hits[index] += visited[:, 7].mean() / 200
    expected = 0.5 + 0.5 * np.arange(1, 21) / 20
    np.testing.assert_allclose(hits, expected, atol=0.1)


@given(seed=st.integers(0, 100), other=st.integers(0, 100))
def test_draws_follow_from_the_seed(seed, other):
    assume(seed != other)
    np.testing.assert_array_equal(
        random_scores([seed, 1], 3, 2, 5), random_scores([seed, 1], 3, 2, 5)
    )
    assert (
        random_scores([seed, 1], 3, 2, 5) != random_scores([other, 1], 3, 2, 5)
    ).any()


@given(ratio=st.floats(0, 1), filters=st.integers(1, 99))
def test_a_plan_ends_when_its_ratio_is_reached(ratio, filters):
    updates = planned_updates(filters, 0, ratio)
    assert updates / filters >= ratio - 1e-8
    assert updates == 0 or (updates - 1) / filters < ratio


def test_similarity_turns_on_the_odd_filter_and_off_the_redundant_one():
    rows = [[1, 0, 0], [1, 0.1, 0], [0, 1, 0], [-1, 0, 0], [1, 1, 0]]
    kernels = np.array(rows, float)
    mask = np.array([[True, True, True, False, False]] * 2)
    visited = mask.copy()
    scores = similarity_scores(kernels, mask)
    # Task 0 holds two nearly equal filters; the second also resembles the
    # third. Of the other two, one points the other way.
    assert swap(mask, visited, [0], scores, False) == [(0, 3, 1)]
    np.testing.assert_array_equal(mask[0], [True, False, True, True, False])
    np.testing.assert_array_equal(mask[1], [True, True, True, False, False])


def test_a_kernel_of_zeros_resembles_nothing():
    scores = similarity_scores(np.zeros((3, 4)), np.ones((2, 3), bool))
    np.testing.assert_array_equal(scores, 0)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan"), "half", True, None])
def test_ratios_out_of_range_are_refused(p):
    with pytest.raises(ValueError, match=r"`p` must be a number in \[0, 1\]"):
        check_ratio(p)
