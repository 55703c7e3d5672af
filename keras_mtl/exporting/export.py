"""Writes a network to a file that runs without this package."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from keras_mtl.errors import ConfigError
from keras_mtl.exporting.card import write_card
from keras_mtl.exporting.comparison import (
    call_once,
    expected_outputs,
    largest_difference,
    named_inputs,
    replayed,
)
from keras_mtl.exporting.deployable import (
    deployable,
    holds_our_layers,
    is_single_precision,
)
from keras_mtl.exporting.exported import Exported
from keras_mtl.exporting.formats import (
    FORMATS,
    check_format,
    size_on_disk,
    write_network,
)
from keras_mtl.exporting.replacing import replacing


def export(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    tasks: Sequence[str] | None = None,
    inputs: Any = None,
    card: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> Exported:
    """Writes a network for inference, all its tasks or some.

    Whatever the tasks do not need is left out; for a single task of a
    partitioned model, the filters too that it does not use. The result
    computes in float32, takes batches of any size, and is made of Keras's
    own layers where the layers of this package can be told by them. It is
    read again in another process, by the runtime of its format and without
    this package, and its outputs are compared before it gets its name.
    An ONNX file of several tasks of a partitioned model is larger than the
    model: the converter joins convolutions with the normalisations behind
    them, and these differ from task to task.

    Args:
        model: Model whose output is a dict, task to tensor.
        path: File or folder to write.
        format: `"keras"`, `"saved_model"`, `"onnx"` or `"litert"`. By
            default what the ending of `path` says, a SavedModel without one.
        tasks: Names of the tasks; all by default.
        inputs: Samples to compare the outputs on: an array, or arrays nested
            as the inputs of the model. Random numbers by default.
        card: What `keras-mtl predict` needs to know of the data, a model
            card. By default it shows outputs as they are.
        overwrite: Replace what is there.

    Returns:
        What was written, and how far its outputs are from the model's.

    Raises:
        ConfigError: If an argument is wrong, something is there, or the
            packages of the format are missing.
        DataError: If the disk is full or read-only.
        KerasMTLError: If what was written cannot be read again, or differs
            by more than 1e-5. Nothing is left of it.

    Example:
        >>> import keras_mtl, tempfile
        >>> model = keras_mtl.models.mlp({"a": 2, "b": 3}, (4,))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     done = export(model, f"{folder}/a.keras", tasks=["a"])
        >>> done.tasks, done.parameters < done.parameters_before
        (('a',), True)
    """
    path = Path(path).absolute()
    kind = _format(path, format)
    _check_place(path, kind, overwrite)
    network = deployable(model, tasks)
    names = tuple(sorted(network.output))
    given = named_inputs(model, inputs)
    # In another precision the model itself is no measure.
    reference = model if is_single_precision(model) else network
    expected = expected_outputs(reference, given, names)
    # Some formats are written of models that have been called alone.
    call_once(network, given)
    needs_package = kind == "keras" and holds_our_layers(network)
    with replacing(path) as temporary:
        write_network(kind, network, temporary)
        write_card(temporary, _card(model, names, card))
        found = replayed(kind, temporary, given, needs_package)
        difference = largest_difference(expected, found)
        size = size_on_disk(temporary)
    return Exported(
        path=path,
        format=kind,
        tasks=names,
        parameters_before=model.count_params(),
        parameters=network.count_params(),
        size=size,
        largest_difference=difference,
        needs_package=needs_package,
    )


def _format(path: Path, given: str | None) -> str:
    by_ending = {ending: name for name, ending in FORMATS.items()}
    if given is None and path.suffix not in by_ending:
        raise ConfigError(
            f"`path` must end in one of {[x for x in by_ending if x]}, or in "
            f"none for a SavedModel. Received: {str(path)!r}. Or say which "
            "`format` it is."
        )
    kind = by_ending[path.suffix] if given is None else given
    check_format(kind)
    if kind != "saved_model" and path.suffix != FORMATS[kind]:
        raise ConfigError(
            f"`path` must end in {FORMATS[kind]!r} for the format {kind!r}. "
            f"Received: {str(path)!r}."
        )
    return kind


def _check_place(path: Path, kind: str, overwrite: bool) -> None:
    if not os.path.lexists(path):
        return
    if not overwrite:
        raise ConfigError(
            f"{str(path)!r} is there already. Replace it with `overwrite` "
            "(--overwrite), or choose another name."
        )
    is_saved_model = (path / "saved_model.pb").is_file()
    if path.is_dir() and not (kind == "saved_model" and is_saved_model):
        raise ConfigError(
            f"{str(path)!r} is a folder that holds no SavedModel, so it will "
            "not be replaced. Choose another name."
        )
    if kind == "saved_model" and not path.is_dir():
        raise ConfigError(
            f"{str(path)!r} is a file, and a SavedModel is a folder. Choose "
            "another name."
        )


def _card(
    model: keras.Model, tasks: tuple[str, ...], card: Mapping[str, Any] | None
) -> dict[str, Any]:
    known = dict(card or {})
    plain = {"kind": "regression", "class_names": None}
    entries = known.get("tasks", {})
    return {
        "input_shape": list(model.inputs[0].shape[1:]),
        "scaling": None,
        **known,
        "inputs": [tensor.name for tensor in model.inputs],
        "tasks": {name: entries.get(name, plain) for name in tasks},
    }
