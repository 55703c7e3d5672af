"""A part of a network with a learning rate of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from keras_mtl.errors import ConfigError
from keras_mtl.transfer.layer_names import (
    NamedLayer,
    matching,
    weighted_layers,
)


@dataclass(frozen=True)
class LearningRatePart:
    """Variables that learn more slowly, or later, than the others.

    Args:
        paths: Paths of the variables.
        multiplier: Factor of the learning rate, 0 or more.
        start_epoch: First epoch that trains them, counted from 0.
    """

    paths: tuple[str, ...]
    multiplier: float = 1.0
    start_epoch: int = 0


Rates = Mapping[str, tuple[float, int]]


def layer_rates(
    model: keras.Model,
    multiplier: float | Mapping[str, float],
    unfreeze_at: Mapping[str, int],
    transferred: Collection[str],
) -> dict[str, tuple[float, int]]:
    """Multiplier and first epoch of every layer that differs.

    Args:
        model: The network.
        multiplier: For the transferred layers; or pattern to multiplier, the
            first one that matches a layer.
        unfreeze_at: Pattern to the first epoch that trains a layer, from 0.
        transferred: Names of the layers that took over weights.

    Returns:
        Name of a layer to multiplier and epoch.

    Raises:
        ConfigError: If a pattern matches nothing, or a number is negative.
    """
    layers = weighted_layers(model)
    if isinstance(multiplier, Mapping):
        factors = _first(layers, multiplier, "learning_rate_multiplier")
    else:
        factors = dict.fromkeys(transferred, multiplier)
    epochs = _first(layers, unfreeze_at, "unfreeze_at")
    rates = {
        one.name: (
            float(factors.get(one.name, 1)),
            int(epochs.get(one.name, 0)),
        )
        for one in layers
    }
    return {name: rate for name, rate in rates.items() if rate != (1.0, 0)}


def learning_rate_parts(
    model: keras.Model, rates: Rates
) -> tuple[LearningRatePart, ...]:
    """The parts of a model, partitioned or not.

    Args:
        model: The network as it is trained.
        rates: Name of a layer to multiplier and epoch, see `layer_rates`.

    Returns:
        One part for each multiplier and epoch.
    """
    parts: dict[tuple[float, int], list[str]] = {}
    for one in weighted_layers(model):
        rate = rates.get(one.name, rates.get(one.path[-1]))
        paths = [variable.path for variable in one.layer.trainable_variables]
        if rate is not None and paths:
            parts.setdefault(rate, []).extend(paths)
    return tuple(
        LearningRatePart(tuple(dict.fromkeys(paths)), *rate)
        for rate, paths in parts.items()
    )


def _first(
    layers: list[NamedLayer], values: Mapping[str, Any], argument: str
) -> dict[str, Any]:
    """Name of a layer to the value of the first pattern that matches it."""
    found: dict[str, Any] = {}
    for pattern, value in values.items():
        if value < 0:
            raise ConfigError(
                f"`{argument}` must be 0 or more. Received: {pattern!r}: "
                f"{value!r}."
            )
        for name in matching(layers, [pattern], argument):
            found.setdefault(name, value)
    return found
