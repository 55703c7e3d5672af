"""What a search for a learning rate came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Best:
    """The best learning rate of a method.

    Args:
        label: The method.
        rate: The rate; `None` if every trial failed.
        value: The monitored value that it reached on validation.
        monitor: Name of that value.
        finished: Trials that reached a value.
    """

    label: str
    rate: float | None
    value: float | None
    monitor: str
    finished: int
