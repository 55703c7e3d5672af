"""Takes over the weights of a network that was trained before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras

from keras_mtl.errors import ConfigError
from keras_mtl.transfer.layer_names import (
    NamedLayer,
    matching,
    weighted_layers,
)
from keras_mtl.transfer.transfer_report import LayerTransfer, TransferReport
from keras_mtl.transfer.weight_source import (
    Arrays,
    WeightSource,
    read_weights,
)

Match = Literal["name", "position"]
Pairs = list[tuple[NamedLayer, str | None]]


def load_pretrained(
    model: keras.Model,
    weights: Any,
    *,
    match: Match = "name",
    layers: Sequence[str] = ("*",),
    rename: Mapping[str, str] | None = None,
) -> TransferReport:
    """Copies the weights of a trained network into the layers that fit.

    Layers without a counterpart, or with one of other shapes, keep their
    weights. Call it before `partition` and before the trainer is made: both
    start from the weights of the model.

    Args:
        model: The network to train, built.
        weights: A model; a `.keras` or `.weights.h5` file; or the name of a
            keras-hub preset, or a folder that `save_to_preset` wrote.
        match: `"name"`: layers of the same name; `"position"`: the first
            layer with weights gets those of the first one, and so on.
        layers: Patterns of the layers that may take weights, such as
            `"block*"`; all by default.
        rename: Regular expressions to what takes their place in the name of a
            layer, before it is looked up: `{"^(left|right)_": ""}` fills two
            encoders from one.

    Returns:
        What became of every layer.

    Raises:
        ConfigError: If the source is not there, a pattern matches nothing, or
            no layer fits.
        DataError: If a file cannot be read.
        OfflineError: If a preset had to be downloaded and could not be.
    """
    known = weighted_layers(model)
    chosen = set(matching(known, layers, "layers"))
    source = read_weights(weights, tuple(model.inputs[0].shape[1:]))
    pairs = _paired(known, chosen, source, match, rename or {})
    done = tuple(_transfer(one, name, source.layers) for one, name in pairs)
    if not any(one.state == "matched" for one in done):
        raise ConfigError(_nothing_fits(done, source, match))
    used = {one.source for one in done if one.state == "matched"}
    unused = tuple(name for name in source.layers if name not in used)
    return TransferReport(source.name, done, unused)


def _paired(
    known: Sequence[NamedLayer],
    chosen: set[str],
    source: WeightSource,
    match: Match,
    rename: Mapping[str, str],
) -> Pairs:
    if match == "name":
        names = {one.name: _renamed(one.name, rename) for one in known}
        return [
            (
                one,
                names[one.name] if _is_in(one, chosen, source, names) else None,
            )
            for one in known
        ]
    if match != "position":
        raise ConfigError(
            f"`match` must be 'name' or 'position'. Received: {match!r}."
        )
    if not source.is_ordered:
        raise ConfigError(
            "match='position' needs the order of the layers, which a "
            f".weights.h5 file does not hold. Received: {source.name!r}. "
            "Give the .keras file of the model, or match='name'."
        )
    rest = iter(source.layers)
    return [
        (one, next(rest, None) if one.name in chosen else None) for one in known
    ]


def _is_in(
    one: NamedLayer,
    chosen: set[str],
    source: WeightSource,
    names: Mapping[str, str],
) -> bool:
    return one.name in chosen and names[one.name] in source.layers


def _renamed(name: str, rename: Mapping[str, str]) -> str:
    for pattern, replacement in rename.items():
        try:
            name = re.sub(pattern, replacement, name)
        except (re.error, IndexError) as error:
            raise ConfigError(
                "`rename` must map regular expressions to what takes their "
                f"place. Received: {pattern!r}: {replacement!r} ({error})."
            ) from error
    return name


def _transfer(
    one: NamedLayer, name: str | None, layers: Mapping[str, Arrays]
) -> LayerTransfer:
    variables = one.layer.weights
    shapes = tuple(tuple(variable.shape) for variable in variables)
    if name is None:
        return LayerTransfer(one.name, "random", None, shapes)
    arrays = layers[name]
    given = tuple(tuple(array.shape) for array in arrays)
    if given != shapes:
        return LayerTransfer(one.name, "mismatched", name, shapes, given)
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return LayerTransfer(one.name, "matched", name, shapes, given)


def _nothing_fits(
    done: Sequence[LayerTransfer], source: WeightSource, match: Match
) -> str:
    own = ", ".join(one.layer for one in done[:10])
    given = ", ".join(list(source.layers)[:10])
    wrong = sum(one.state == "mismatched" for one in done)
    return (
        f"No layer fits {source.name!r} by {match}: {wrong} layers have other "
        f"shapes, the rest no counterpart. Layers of the network: {own}, ...; "
        f"of the source: {given}, ... Use `rename`, or match by "
        f"{'position' if match == 'name' else 'name'}."
    )
