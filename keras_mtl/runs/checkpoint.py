"""Where a run stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """The place of a checkpoint in a run.

    Args:
        epoch: Epochs done, their validation included.
        batch: Training batches done in the epoch after those; all of them if
            only its validation is missing.
        step: Training batches the trainer has done in its life.
        batches: Those of them done in this run: the place in its data.
        best: Best value of the monitored metric so far.
        logs: Metrics of the last epoch, by the names in the logs.
        metrics: In the middle of an epoch, the variables of the metrics.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    batches: int = 0
    best: float | None = None
    logs: Mapping[str, float] = dataclasses.field(default_factory=dict)
    metrics: Sequence[Any] = ()

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Checkpoint:
        """Reads what was recorded; keys of later versions are left out."""
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(**{k: v for k, v in entry.items() if k in names})
