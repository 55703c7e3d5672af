"""What a network's inputs and outputs mean, kept inside the exported file."""

from __future__ import annotations

import importlib
import json
import zipfile
from pathlib import Path
from typing import Any

from keras_mtl.errors import DataError

_NAME = "keras_mtl_card.json"
_LIMIT = 10 * 2**20


def write_card(path: Path, card: dict[str, Any]) -> None:
    """Puts a card into an exported network.

    Args:
        path: A SavedModel folder, or a `.keras`, `.onnx` or `.tflite` file.
            The first takes it as a file, ONNX among its metadata, and the
            others as an entry of the zip archive that they are or, by the
            rules of LiteRT's metadata, may end with.
        card: JSON values; see `keras_mtl.cli.model_card`.
    """
    text = json.dumps(card)
    if path.is_dir():
        folder = path / "assets.extra"
        folder.mkdir(exist_ok=True)
        (folder / _NAME).write_text(text, encoding="utf-8")
    elif path.suffix == ".onnx":
        onnx = importlib.import_module("onnx")
        model = onnx.load(path)
        onnx.helper.set_model_props(model, {_NAME: text})
        onnx.save(model, path)
    else:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(_NAME, text)


def read_card(path: Path) -> dict[str, Any]:
    """Reads the card of an exported network.

    Args:
        path: What `write_card` was given.

    Returns:
        The card.

    Raises:
        DataError: If there is none, or it cannot be read.
    """
    try:
        card = json.loads(_text(path))
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{str(path)!r} does not say what its inputs and outputs are: "
            f"{error}. Expected a network that `keras-mtl export` has written."
        ) from error
    if not isinstance(card, dict) or not isinstance(card.get("tasks"), dict):
        raise DataError(
            f"{str(path)!r} holds a card without tasks. Export it again."
        )
    return card


def _text(path: Path) -> str:
    if path.is_dir():
        return (path / "assets.extra" / _NAME).read_text(encoding="utf-8")
    if path.suffix == ".onnx":
        return _onnx_property(path)
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo(_NAME).file_size > _LIMIT:
            raise ValueError("its card is larger than 10 MiB")
        return archive.read(_NAME).decode("utf-8")


def _onnx_property(path: Path) -> str:
    session = importlib.import_module("onnxruntime").InferenceSession(
        path, providers=["CPUExecutionProvider"]
    )
    return str(session.get_modelmeta().custom_metadata_map[_NAME])
