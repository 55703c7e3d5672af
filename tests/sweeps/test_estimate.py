import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.sweeps.estimate import duration, time_left
from keras_mtl.sweeps.record import Record


def record(name, label="a", seconds=None, **more):
    state = "pending" if seconds is None else "finished"
    return Record(name, label, 0, name, state=state, seconds=seconds, **more)


def test_nothing_is_known_before_the_first_is_finished():
    assert time_left([record("x")], {}, ["x"], 1) is None


def test_a_reused_trial_tells_nothing():
    reused = Record("y", "a", 0, "y", state="finished", reused_from="z")
    assert time_left([record("x"), reused], {}, ["x"], 1) is None


def test_rows_have_times_of_their_own():
    records = [
        record("a1", "a", 10.0),
        record("b1", "b", 30.0),
        record("a2", "a"),
        record("b2", "b"),
        record("c", "c"),  # as long as the mean: 20
    ]
    waiting = ["a2", "b2", "c"]
    assert time_left(records, {}, waiting, 1) == pytest.approx(60)
    # The first process takes a2 (10) and c (20), the second b2 (30).
    assert time_left(records, {}, waiting, 2) == pytest.approx(30)
    assert time_left(records, {"b2": 25.0}, ["a2"], 1) == pytest.approx(15)
    assert time_left(records, {"b2": 99.0}, [], 1) == 0


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=8), st.integers(1, 4))
def test_between_the_mean_load_and_all_in_a_row(times, jobs):
    records = [record(f"done{i}", str(i), s) for i, s in enumerate(times)]
    records += [record(f"new{i}", str(i)) for i in range(len(times))]
    names = [f"new{i}" for i in range(len(times))]
    left = time_left(records, {}, names, jobs)
    assert max(times) - 1e-6 <= left <= sum(times) + 1e-6
    assert left >= sum(times) / jobs - 1e-6


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
        (86_400 * 3 + 4 * 3600, "3 d 4 h"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text
