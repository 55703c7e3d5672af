"""Reads what a model is applied to."""

from __future__ import annotations

from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.errors import DataError

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def read_input(path: Path, card: dict[str, Any]) -> NDArray[np.float32]:
    """Reads an image or array as the network takes it.

    Args:
        path: An image, or a `.npy` file.
        card: The run's model card: `input_shape` and `scaling`.

    Returns:
        Float32 array, shape `(num_samples, *input_shape)`.

    Raises:
        DataError: If the file is missing, unreadable, of another shape, or
            not finite.
    """
    shape = tuple(card["input_shape"])
    try:
        if path.suffix == ".npy":
            array = np.load(path, allow_pickle=False)
        else:
            array = _read_image(path, shape)
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        TokenError,  # of a damaged header
    ) as error:
        raise DataError(f"cannot read {str(path)!r}: {error}.") from error
    batch = _batch(array, shape, path)
    if batch.dtype == np.uint8:
        batch = _scaled(batch, card["scaling"], path)
    batch = batch.astype(np.float32)
    if not np.isfinite(batch).all():
        raise DataError(
            f"{str(path)!r} holds numbers that are not finite. Replace them "
            "or leave these samples out."
        )
    return batch


def _read_image(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Pixels, shape `(height, width, channels)`."""
    from PIL import Image

    mode = _MODES.get(shape[-1]) if len(shape) == 3 else None
    if mode is None:
        raise DataError(
            f"the model takes inputs of shape {shape}, which is no image. "
            "Give .npy arrays."
        )
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert(mode))
    except Image.DecompressionBombError as error:
        raise DataError(f"{str(path)!r} is too large: {error}.") from error
    return pixels.reshape(*pixels.shape[:2], shape[-1])


def _batch(
    array: NDArray[Any], shape: tuple[int, ...], path: Path
) -> NDArray[Any]:
    if array.dtype.kind not in "uifb":
        raise DataError(
            f"{str(path)!r} must hold numbers. Received: {array.dtype}."
        )
    if array.shape == shape:
        return array[None]
    if array.shape[1:] == shape and len(array):
        return array
    raise DataError(
        f"{str(path)!r} has shape {array.shape}, but the model was trained on "
        f"{shape}. Bring it to that size the way the training data was."
    )


def _scaled(
    pixels: NDArray[np.uint8], scaling: dict[str, float] | None, path: Path
) -> NDArray[np.float32]:
    """Pixels in 0..255 as the data set of the run gives them."""
    if scaling is None:
        raise DataError(
            f"{str(path)!r} holds pixels, but the run does not record how its "
            "data set turns pixels into inputs. Give .npy arrays of floats, "
            "as the network takes them."
        )
    mean, std = np.float32(scaling["mean"]), np.float32(scaling["std"])
    return (pixels.astype(np.float32) / np.float32(255) - mean) / std
