"""Reads back what a run has left for its model to be used."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from keras_mtl.errors import DataError

if TYPE_CHECKING:
    from keras_mtl.runs import RunFolder


def recorded_card(folder: RunFolder) -> dict[str, Any]:
    """The model card of a run.

    Args:
        folder: The run.

    Returns:
        What `keras_mtl.cli.model_card` made; and `pipeline`, if the run has
        one: its `block` of the configuration, its `state`, and the `size` of
        the images of the data, `None` where they keep theirs.

    Raises:
        DataError: If the run has none.
    """
    card = folder.manifest.get("model_card")
    if not isinstance(card, dict):
        raise DataError(
            f"the run {str(folder.path)!r} does not record its tasks and "
            "inputs (`model_card` in manifest.json). Train it with "
            "`keras-mtl fit`."
        )
    block = folder.resolved.get("pipeline")
    if not block:
        return card
    known = {
        "block": block,
        "state": folder.manifest.get("pipeline"),
        "size": folder.resolved["data"].get("size"),
    }
    return {**card, "pipeline": known}


def load_model(folder: RunFolder) -> Any:
    """The plain Keras model of a finished run.

    Args:
        folder: The run.

    Returns:
        A Keras model, not compiled.

    Raises:
        DataError: If it is missing or damaged.
    """
    import keras

    # Registers the layers of this package, which the file may hold.
    importlib.import_module("keras_mtl.layers")
    path = folder.model_path
    if not path.is_file():
        raise DataError(
            f"{str(path)!r} is missing: the run has not finished. Go on with "
            f"it: keras-mtl fit --resume --out {folder.path}."
        )
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # h5py, zipfile and Keras raise many kinds
        raise DataError(
            f"{str(path)!r} cannot be loaded: {error}. If it is damaged, make "
            f"it again: keras-mtl fit --resume --out {folder.path}."
        ) from error
