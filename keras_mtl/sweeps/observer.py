"""What a scheduler tells while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from keras_mtl.sweeps.record import Record


class Observer(Protocol):
    """Shows people how a sweep goes."""

    def ended(self, record: Record, left: float | None) -> None:
        """A trial has ended.

        Args:
            record: How.
            left: Seconds that the sweep will still take, if that is known.
        """

    def watch(
        self,
        running: Mapping[str, float],
        waiting: Sequence[str],
        left: float | None,
    ) -> None:
        """Called some times a second.

        Args:
            running: Name to seconds since the start.
            waiting: Names of the trials to come.
            left: As above.
        """
