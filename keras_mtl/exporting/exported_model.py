"""An exported network, to be applied."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.errors import DataError
from keras_mtl.exporting.card import read_card
from keras_mtl.exporting.formats import FORMATS, check_format
from keras_mtl.exporting.runtimes import OPENERS

_BY_ENDING = {ending: name for name, ending in FORMATS.items() if ending}


class ExportedModel:
    """A network that `export` has written, opened with its own runtime.

    Args:
        path: A SavedModel folder, or a `.keras`, `.onnx` or `.tflite` file.

    Raises:
        DataError: If it is missing, damaged or not written by `export`.
        ConfigError: If the packages of its format are missing.
    """

    def __init__(self, path: Path) -> None:
        kind = format_of(path)
        if kind is None:
            raise DataError(
                f"{str(path)!r} is no exported network. Expected a SavedModel "
                f"folder, or a file that ends in {', '.join(_BY_ENDING)}."
            )
        check_format(kind)
        try:
            self.card = read_card(path)
            if kind == "keras":
                # Registers the layers of this package, which it may hold.
                importlib.import_module("keras_mtl.layers")
            self._run = OPENERS[kind](str(path))
        except DataError:
            raise
        except Exception as error:  # each runtime raises many kinds
            raise DataError(
                f"{str(path)!r} cannot be opened: {error}. If it is damaged, "
                "export it again."
            ) from error

    def predict(
        self, inputs: Mapping[str, Any] | NDArray[Any], batch_size: int = 32
    ) -> dict[str, NDArray[Any]]:
        """Outputs of every task.

        Args:
            inputs: Input name to array, or the array of a single input,
                shape `(num_samples, ...)`.
            batch_size: Samples at a time.

        Returns:
            Task to array, shape `(num_samples, ...)`.
        """
        named = dict(inputs) if isinstance(inputs, Mapping) else None
        if named is None:
            (name,) = self.card["inputs"]
            named = {name: inputs}
        count = min(len(x) for x in named.values())
        parts = [
            self._run(
                {n: x[start : start + batch_size] for n, x in named.items()}
            )
            for start in range(0, count, batch_size)
        ]
        return {
            task: np.concatenate([part[task] for part in parts])
            for task in sorted(parts[0])
        }


def format_of(path: Path) -> str | None:
    """The format of an exported network, `None` if it is none by its name."""
    if path.is_dir():
        return "saved_model" if (path / "saved_model.pb").is_file() else None
    return _BY_ENDING.get(path.suffix)
