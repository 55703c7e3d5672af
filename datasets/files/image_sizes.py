"""Whether the images and maps of a sample have the same size."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from keras_mtl.datasets.files.image_files import image_size
from keras_mtl.errors import DataError

_THREADS = 4


def check_sizes(
    paths: Mapping[str, Sequence[str]],
    first: str = "image",
    skip: bool = False,
) -> tuple[int, int]:
    """Compares the sizes of maps with those of their images, by the headers.

    Args:
        paths: Name of a field to its files, by sample; empty ones are
            missing.
        first: The field that the others are compared with.
        skip: Pass over files that are no image: they are left out later.

    Returns:
        Height and width of the first image.

    Raises:
        DataError: If a file is no image or of another size, by name.
    """
    look = _size_or_none if skip else image_size
    with ThreadPoolExecutor(_THREADS) as pool:
        expected = list(pool.map(look, paths[first]))
        for name, listed in paths.items():
            if name == first:
                continue
            there = [index for index, path in enumerate(listed) if path]
            found = pool.map(look, [listed[i] for i in there])
            for index, size in zip(there, found, strict=True):
                image = expected[index]
                if size and image and size != image:
                    raise DataError(
                        f"{listed[index]} is {size[0]}x{size[1]} (height x "
                        f"width), but its image {paths[first][index]} is "
                        f"{image[0]}x{image[1]}. Maps must have the size of "
                        "their image: get the original files again."
                    )
    return next(filter(None, expected), None) or image_size(paths[first][0])


def _size_or_none(path: str) -> tuple[int, int] | None:
    with contextlib.suppress(DataError):
        return image_size(path)
    return None


def first_size(paths: Sequence[str], skip: bool = False) -> tuple[int, int]:
    """Height and width of the first image.

    Args:
        paths: The images, one or more.
        skip: Take the first that can be read.

    Raises:
        DataError: If it is missing or no image.
    """
    sizes = map(_size_or_none, paths if skip else ())
    return next(filter(None, sizes), None) or image_size(paths[0])
