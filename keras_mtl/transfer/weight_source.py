"""Reads the weights of a trained network, layer by layer."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from keras_mtl.errors import ConfigError, DataError, OfflineError
from keras_mtl.models.backbone_source import AUTO, load_backbone
from keras_mtl.transfer.layer_names import weighted_layers

Arrays = list[npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class WeightSource:
    """Weights of a trained network.

    Args:
        name: Where they come from.
        layers: Name of a layer to its weights, in the order of the network.
        is_ordered: Whether that order is known.
        model: The network, unless there are only weights.
    """

    name: str
    layers: dict[str, Arrays]
    is_ordered: bool = True
    model: Any = None


def read_weights(source: Any, input_shape: Sequence[int]) -> WeightSource:
    """Reads weights from wherever they are.

    Args:
        source: A model; a `.keras` or `.weights.h5` file; or the name of a
            keras-hub preset, or a folder that `save_to_preset` wrote.
        input_shape: Shape of one sample, for presets.

    Returns:
        The weights.

    Raises:
        ConfigError: If there is no such file or preset.
        DataError: If the file cannot be read.
        OfflineError: If a preset had to be downloaded and could not be.
    """
    if isinstance(source, keras.Model):
        return _of_model(source.name, source)
    name = str(source)
    if not name.endswith((".keras", ".h5")):
        return _of_model(name, _preset(name, input_shape))
    if not Path(name).is_file():
        raise ConfigError(
            f"`weights` names a file that is not there: {name!r}. Give a "
            ".keras or .weights.h5 file, or a keras-hub preset."
        )
    with _readable(name):
        if name.endswith(".h5"):
            return WeightSource(name, _h5_layers(name), is_ordered=False)
        model = load_model(name)
    return _of_model(name, model)


def load_model(path: str) -> keras.Model:
    """Loads a `.keras` file, with the layers of this package.

    Args:
        path: The file.

    Returns:
        The model, not compiled.
    """
    import keras_mtl.layers  # noqa: F401  registers what the file may name

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def _of_model(name: str, model: Any) -> WeightSource:
    layers = {
        one.name: [keras.ops.convert_to_numpy(w) for w in one.layer.weights]
        for one in weighted_layers(model)
    }
    return WeightSource(name, layers, model=model)


def _h5_layers(path: str) -> dict[str, Arrays]:
    """Layers by the names that Keras notes beside their weights."""
    import h5py

    found: list[tuple[str, Arrays]] = []

    def visit(_: str, group: Any) -> None:
        name = group.attrs.get("name")
        if name is not None and len(group):
            keys = sorted(group, key=int)
            found.append((str(name), [np.asarray(group[key]) for key in keys]))

    with h5py.File(path) as file:
        file.visititems(visit)
    counts = Counter(name for name, _ in found)
    # Of two layers of one name, nobody knows which is meant.
    return {name: arrays for name, arrays in found if counts[name] == 1}


def _preset(name: str, input_shape: Sequence[int]) -> Any:
    try:
        return load_backbone(name, input_shape, AUTO, {})
    except OfflineError as error:
        raise OfflineError(
            f"The preset {name!r} had to be downloaded and could not be. "
            "Connect to the network, or give as `weights` a folder that "
            "`save_to_preset` wrote, or a .keras or .weights.h5 file."
        ) from error
    except ConfigError as error:
        saved = Path(name) / "model.keras"
        hint = f" Did you mean {str(saved)!r}?" if saved.is_file() else ""
        raise ConfigError(
            f"`weights` must be a .keras or .weights.h5 file, the name of a "
            f"keras-hub preset, or a folder with one. Received: {name!r}."
            f"{hint or f' ({error})'}"
        ) from error


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # zipfile, h5py and Keras raise what they like
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise DataError(
            f"`weights` {name!r} cannot be read: {lines[0][:200]} Give a file "
            "that Keras 3 saved, whole, and import the packages of its "
            "custom layers."
        ) from error
