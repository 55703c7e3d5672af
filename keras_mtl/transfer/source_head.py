"""Finds the classifier of a trained model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtl.errors import ConfigError


def logits_model(model: keras.Model, output: str | None = None) -> keras.Model:
    """The model from its inputs to one of its outputs.

    Args:
        model: Functional model with one output, or a dict of them; or a
            `Sequential` one.
        output: Which one; it may be left out if there is one only.

    Returns:
        A model that shares the layers of `model`.

    Raises:
        ConfigError: If there is no such output, it must be named, or the
            model is of another kind.
    """
    outputs = _outputs(model)
    if not isinstance(outputs, Mapping):
        if output is not None:
            raise ConfigError(
                f"`source_output` {output!r}: the outputs of {model.name!r} "
                "have no names. Leave it out."
            )
        return model
    if output is None and len(outputs) == 1:
        output = next(iter(outputs))
    if output not in outputs:
        raise ConfigError(
            f"`source_output` must be one of {sorted(outputs)}, the outputs "
            f"of {model.name!r}. Received: {output!r}."
        )
    return keras.Model(model.inputs, outputs[output])


def _outputs(model: Any) -> Any:
    """The symbolic output, which a `Sequential` model keeps in a list."""
    if getattr(model, "inputs", None) is None:
        raise ConfigError(
            "The source model must be Functional, or Sequential and built: "
            "its last layer is found in its graph. Received: "
            f"{type(model).__name__} {getattr(model, 'name', '')!r}. Wrap it "
            "as keras.Model(inputs, model(inputs))."
        )
    is_list = isinstance(model, keras.Sequential)
    return model.outputs[0] if is_list else model.output


def find_head(
    model: keras.Model, output: str | None = None, name: str | None = None
) -> Any:
    """The last `Dense` layer before an output.

    Args:
        model: Functional or `Sequential` model.
        output: One of its outputs, if it has several.
        name: Name of the layer, if it is not the last one.

    Returns:
        The layer.

    Raises:
        ConfigError: If there is none that gives as many outputs.
    """
    single = logits_model(model, output)
    dense = [
        layer
        for layer in nested_layers(single)
        if isinstance(layer, keras.layers.Dense)
    ]
    units = single.outputs[0].shape[-1]
    found = [
        layer
        for layer in dense
        if (layer.name == name if name else layer.units == units)
    ]
    if not found:
        raise ConfigError(
            f"The source model {model.name!r} must end in a Dense layer of "
            f"{units} units{f' called {name!r}' if name else ''}. Its Dense "
            f"layers: {[layer.name for layer in dense]}. Name one of them as "
            "`source_head`."
        )
    return found[-1]


def nested_layers(model: Any) -> list[Any]:
    """The layers of a model, those of nested models in their place."""
    found: list[Any] = []
    for layer in model.layers:
        nested = isinstance(layer, keras.Model)
        found += nested_layers(layer) if nested else [layer]
    return found
