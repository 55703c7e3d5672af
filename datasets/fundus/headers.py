"""Sizes of images from their headers, and what cannot be read right."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from keras_mtl.datasets.files.image_files import damaged
from keras_mtl.errors import DataError

_THREADS = 4
_DEEP = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
_GREY = ("1", "L", "LA")


def image_headers(
    paths: Sequence[str], colour: bool = True
) -> list[tuple[int, int]]:
    """Height and width of images.

    Args:
        paths: The files.
        colour: Whether they must have colours.

    Raises:
        DataError: If one is no image, has more than 8 bits in a channel, or
            is grey but should not be, by name.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(lambda path: _header(path, colour), paths))


def _header(path: str, colour: bool) -> tuple[int, int]:
    from PIL import Image

    try:
        with Image.open(path) as image:
            (width, height), mode = image.size, image.mode
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:
        raise damaged(path, error) from error
    if mode in _DEEP:
        raise DataError(
            f"{path} has more than 8 bits in a channel (mode {mode}), and "
            "what its numbers mean is not known. Convert it to 8 bits, the "
            "darkest level that occurs to 0 and the brightest to 255."
        )
    if colour and mode in _GREY:
        raise DataError(
            f"{path} is grey (mode {mode}): expected a colour photograph. "
            "Get the original file; a grey photograph is made three equal "
            "channels by Pillow's convert('RGB')."
        )
    return height, width
