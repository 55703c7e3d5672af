"""Whether the images and maps of a sample have the same size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from keras_mtl.datasets.files.image_files import image_size
from keras_mtl.errors import DataError

_THREADS = 4


def check_sizes(
    paths: Mapping[str, Sequence[str]], first: str = "image"
) -> tuple[int, int]:
    """Compares the sizes of maps with those of their images, by the headers.

    Args:
        paths: Name of a field to its files, by sample; empty ones are
            missing.
        first: The field that the others are compared with.

    Returns:
        Height and width of the first image.

    Raises:
        DataError: If a file is no image or of another size, by name.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        expected = list(pool.map(image_size, paths[first]))
        for name, listed in paths.items():
            if name == first:
                continue
            there = [index for index, path in enumerate(listed) if path]
            found = pool.map(image_size, [listed[i] for i in there])
            for index, size in zip(there, found, strict=True):
                if size != expected[index]:
                    raise DataError(
                        f"{listed[index]} is {size[0]}x{size[1]} (height x "
                        f"width), but its image {paths[first][index]} is "
                        f"{expected[index][0]}x{expected[index][1]}. Maps "
                        "must have the size of their image: get the original "
                        "files again."
                    )
    return expected[0]
