"""How a trial stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

PENDING = "pending"
RUNNING = "running"
FINISHED = "finished"
FAILED = "failed"
INTERRUPTED = "interrupted"
STATES = (PENDING, RUNNING, FINISHED, FAILED, INTERRUPTED)


@dataclasses.dataclass(frozen=True)
class Record:
    """An entry of `trials.json`.

    Args:
        name: Name of the trial.
        label: Row of the table.
        seed: Its seed.
        folder: Its run folder, from the folder of the sweep.
        config: The preset or file it started from.
        set: What the sweep changed in it, dotted key to value.
        state: `pending`, `running`, `finished`, `failed` or `interrupted`.
        exit_code: Of the process; below 0, the signal that ended it.
        reason: Why it failed.
        seconds: Wall time of its processes in this sweep.
        started: When its last process was started, UTC.
        reused_from: The run folder it was copied from, if it was.
        version: Version of keras-mtl that trained it.
    """

    name: str
    label: str
    seed: int
    folder: str
    config: str = ""
    set: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    state: str = PENDING
    exit_code: int | None = None
    reason: str | None = None
    seconds: float | None = None
    started: str | None = None
    reused_from: str | None = None
    version: str | None = None

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Record:
        """Reads an entry; keys of later versions are left out.

        Raises:
            TypeError: If a key is missing.
        """
        names = {field.name for field in dataclasses.fields(cls)}
        return cls(**{k: v for k, v in entry.items() if k in names})

    def to_entry(self) -> dict[str, Any]:
        """Plain JSON values."""
        return dataclasses.asdict(self)
