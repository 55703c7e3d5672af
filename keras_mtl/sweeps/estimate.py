"""How long a sweep will still take."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from keras_mtl.sweeps.record import FINISHED, Record


def time_left(
    records: Iterable[Record],
    running: Mapping[str, float],
    waiting: Sequence[str],
    jobs: int,
) -> float | None:
    """Estimates the time that is left from the trials that are finished.

    A trial takes as long as those of its row did, or else as all did. What
    waits is given to the process that is free first.

    Args:
        records: All trials. Those copied from elsewhere tell nothing.
        running: Name to seconds since the start.
        waiting: Names of the trials to come, in order.
        jobs: Processes at a time.

    Returns:
        Seconds, or `None` before the first trial is finished.
    """
    by_name = {record.name: record for record in records}
    done: dict[str, list[float]] = {}
    for record in by_name.values():
        if record.state == FINISHED and record.seconds is not None:
            done.setdefault(record.label, []).append(record.seconds)
    if not done:
        return None
    overall = fmean(second for each in done.values() for second in each)

    def expected(name: str) -> float:
        return fmean(done.get(by_name[name].label, [overall]))

    ends = [max(0.0, expected(name) - spent) for name, spent in running.items()]
    ends += [0.0] * max(0, jobs - len(ends))
    heapq.heapify(ends)
    for name in waiting:
        heapq.heapreplace(ends, ends[0] + expected(name))
    return max(ends)


def duration(seconds: float) -> str:
    """A time for people: `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.

    Args:
        seconds: 0 or more.
    """
    whole = round(seconds)
    for size, name, below, small in (
        (86_400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {name}" + (
                f" {rest} {small}" if rest else ""
            )
    return f"{whole} s"
