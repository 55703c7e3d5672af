"""One run of a sweep, before it is run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Trial:
    """A method with a seed.

    Args:
        name: Name of the run and of its folder, unique in the sweep.
        label: Row of the table that it belongs to.
        seed: Its seed.
        config: The preset or file it starts from.
        set: What the sweep changes in it, dotted key to value.
        resolved: The complete configuration.
    """

    name: str
    label: str
    seed: int
    config: str
    set: Mapping[str, Any] = field(default_factory=dict)
    resolved: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same for runs that do the same; see `key_of`."""
        return key_of(self.resolved)


def key_of(resolved: Mapping[str, Any]) -> str:
    """What a run does as text: its configuration without its name.

    Args:
        resolved: A complete configuration.

    Returns:
        JSON with sorted keys; tuples are lists. An option that is off
        (`None`) is left out: a version without the option did the same.
    """
    values = {key: value for key, value in resolved.items() if key != "name"}
    return json.dumps(_set(values), sort_keys=True)


def _set(value: Any) -> Any:
    """The value, mappings in it without what is `None`."""
    if isinstance(value, Mapping):
        return {k: _set(v) for k, v in value.items() if v is not None}
    return (
        [_set(v) for v in value] if isinstance(value, list | tuple) else value
    )
