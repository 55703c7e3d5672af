"""Layers that are not trained."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import keras

from keras_mtl.errors import ConfigError
from keras_mtl.transfer.layer_names import matching, weighted_layers


def freeze(model: keras.Model, patterns: Sequence[str]) -> list[str]:
    """Stops the training of some layers, before the trainer is made.

    Batch normalisations among them use the averages that they have.

    Args:
        model: The network.
        patterns: Names of layers, or of models around them, such as
            `"block1*"`.

    Returns:
        Names of the layers.

    Raises:
        ConfigError: If a pattern matches nothing, or nothing is left to train.
    """
    names = matching(weighted_layers(model), patterns, "freeze")
    freeze_named(model, names)
    if names and not model.trainable_variables:
        raise ConfigError(
            "`freeze` leaves nothing to train. Received: "
            f"freeze={list(patterns)}. Leave the heads out."
        )
    return names


def freeze_named(model: keras.Model, names: Collection[str]) -> None:
    """Stops the training of the layers of these names."""
    for one in weighted_layers(model):
        if one.name in names or one.path[-1] in names:
            one.layer.trainable = False
