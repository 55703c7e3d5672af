"""What a sweep is going to run."""

from __future__ import annotations

from dataclasses import dataclass

from keras_mtl.sweeps.schema import SweepConfig
from keras_mtl.sweeps.trial import Trial


@dataclass(frozen=True)
class Plan:
    """The checked trials of a sweep.

    Args:
        config: The sweep as asked for, `rows` filled in.
        trials: Every trial: all methods with the first seed, then all with
            the second, and so on, so that a whole table is there early.
        notes: What the user should know, one sentence each.
    """

    config: SweepConfig
    trials: tuple[Trial, ...]
    notes: tuple[str, ...] = ()
