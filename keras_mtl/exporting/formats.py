"""The formats of an export, and how each is written."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras

from keras_mtl.errors import ConfigError

# What a format needs beyond this package's requirements, by its import name.
_NEEDS = {"onnx": ("onnx", "onnxruntime", "tf2onnx")}
FORMATS: dict[str, str] = {
    "keras": ".keras",
    "saved_model": "",
    "onnx": ".onnx",
    "litert": ".tflite",
}


def check_format(name: str) -> None:
    """Refuses a format that is unknown, or whose packages are missing.

    Args:
        name: A key of `FORMATS`.

    Raises:
        ConfigError: If it is not, or the extra of that name is needed.
    """
    if name not in FORMATS:
        raise ConfigError(
            f"`format` must be one of {list(FORMATS)}. Received: "
            f"format={name!r}."
        )
    missing = [
        package
        for package in _NEEDS.get(name, ())
        if importlib.util.find_spec(package) is None
    ]
    if missing:
        raise ConfigError(
            f"The format {name!r} needs {', '.join(missing)}. Install the "
            f"extra {name!r}: pip install 'keras-mtl[{name}]'."
        )


def write_network(name: str, model: keras.Model, path: Path) -> None:
    """Writes a network in a format.

    Args:
        name: A key of `FORMATS`.
        model: Model whose output is a dict, task to tensor.
        path: File or folder, of the ending of the format; not there yet.
    """
    with _quiet():
        _WRITERS[name](model, path)


def size_on_disk(path: Path) -> int:
    """Bytes of a file, or of all the files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(x.stat().st_size for x in path.rglob("*") if x.is_file())


def _write_keras(model: keras.Model, path: Path) -> None:
    model.save(path)


def _write_saved_model(model: keras.Model, path: Path) -> None:
    model.export(path, format="tf_saved_model", verbose=False)


def _write_onnx(model: keras.Model, path: Path) -> None:
    onnx = importlib.import_module("onnx")
    model.export(path, format="onnx", verbose=False)
    network = onnx.load(path)
    for value in (*network.graph.input, *network.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.save(network, path)


def _write_litert(model: keras.Model, path: Path) -> None:
    import tensorflow as tf

    folder = Path(tempfile.mkdtemp())
    try:
        _write_saved_model(model, folder / "model")
        # Not by `model.export`, which leaves the weights as variables.
        converter = tf.lite.TFLiteConverter.from_saved_model(
            str(folder / "model"), signature_keys=["serving_default"]
        )
        path.write_bytes(converter.convert())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        # Of the converters: attributes of NumPy and of SavedModels.
        warnings.filterwarnings("ignore", category=FutureWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        yield


_WRITERS: dict[str, Callable[[Any, Path], None]] = {
    "keras": _write_keras,
    "saved_model": _write_saved_model,
    "onnx": _write_onnx,
    "litert": _write_litert,
}
