import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.callbacks.roaming_schedule import RoamingSchedule

read = RoamingSchedule.read


def test_fractions_of_epochs():
    schedule = read({"epochs": 0.1}, None)
    due = [schedule.due(step, 99, 30) for step in range(10)]
    assert due == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert schedule.needed(99, 30) == 297
    # Several in one step, where an epoch is short.
    assert [schedule.due(step, 99, 5) for step in (1, 2)] == [2, 4]


def test_whole_epochs_and_steps():
    assert [read({"epochs": 2}, None).due(s, 9, 5) for s in (9, 10)] == [0, 1]
    assert [read({"steps": 4}, None).due(s, 2, 0) for s in (3, 8, 99)] == [
        0,
        2,
        2,
    ]


@given(
    end=st.integers(1, 10_000),
    planned=st.integers(0, 500),
    step=st.integers(0, 12_000),
)
def test_all_layers_finish_together(end, planned, step):
    schedule = read(None, {"steps": end})
    assert schedule.due(end, planned, 0) == planned
    assert schedule.needed(planned, 0) <= end
    due = schedule.due(step, planned, 0)
    assert abs(due - min(1, step / end) * planned) <= 1
    assert due <= schedule.due(step + 1, planned, 0)


@given(
    epochs=st.floats(0.01, 3),
    planned=st.integers(0, 300),
    steps=st.integers(1, 100),
)
def test_the_time_needed_is_enough(epochs, planned, steps):
    schedule = read({"epochs": epochs}, None)
    needed = schedule.needed(planned, steps)
    assert schedule.due(needed, planned, steps) == planned
    if planned:
        assert schedule.due(needed - 1, planned, steps) < planned


@pytest.mark.parametrize(
    "every",
    [
        {},
        {"hours": 1},
        {"epochs": 0},
        {"epochs": -1},
        {"steps": 1.5},
        {"steps": True},
        {"epochs": float("nan")},
        {"epochs": 1, "steps": 1},
        3,
    ],
)
def test_what_is_no_schedule_is_refused(every):
    with pytest.raises(ValueError, match=r"`every` must be \{.epochs.: number"):
        read(every, None)


def test_one_schedule_is_needed():
    for pair in ((None, None), ({"steps": 1}, {"steps": 1})):
        with pytest.raises(ValueError, match="Expected one schedule"):
            read(*pair)
    with pytest.raises(ValueError, match=r"`finish_by` must be \{.steps."):
        read(None, {"epochs": 1})


def test_schedules_in_words():
    assert str(read({"epochs": 0.1}, None)) == "a swap every 0.1 epochs"
    assert str(read(None, {"steps": 3000})) == "all swaps by step 3,000"
