"""The masks of a model, and what they look like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_mtl.layers import RoamingMask
from keras_mtl.layers.filter_plan import summary


def masks_of(model: Any) -> list[RoamingMask]:
    """All masks in a model, once each, in the order of the layers.

    Args:
        model: A Keras model; others may be layers of it.

    Returns:
        The masks, those that do not roam included.
    """
    found: dict[int, Any] = {}
    waiting = list(getattr(model, "layers", ()))
    while waiting:
        layer = waiting.pop(0)
        if isinstance(layer, RoamingMask):
            found[id(layer)] = layer
        waiting += getattr(layer, "layers", ())
    return list(found.values())


def state_of(masks: Sequence[RoamingMask]) -> dict[str, float]:
    """What masks look like.

    Args:
        masks: At least one.

    Returns:
        `roaming_occupancy`, `roaming_overlap` and `roaming_completion`, means
        over the masks, in [0, 1]; `roaming_unused`, a number of filters.
    """
    states = [_state(mask) for mask in masks]
    means = np.mean([state[:3] for state in states], axis=0)
    names = ("occupancy", "overlap", "completion")
    values = dict(zip(names, map(float, means), strict=True))
    values["unused"] = float(sum(state[3] for state in states))
    return {f"roaming_{name}": value for name, value in values.items()}


def _state(mask: RoamingMask) -> tuple[float, float, float, int]:
    """Occupancy, overlap, completion and filters without a task."""
    occupancy, overlap, unused = summary(mask.mask.numpy() > 0.5)
    rest = int(mask.mask.shape[1]) - mask.filters_per_task
    completion = float(mask.updates.numpy().mean() / rest) if rest else 1.0
    return occupancy, overlap, completion, unused
