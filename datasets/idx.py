"""Reader of the idx format of MNIST, plain or gzip."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keras_mtl.errors import DataError

_UINT8 = b"\x00\x00\x08"


def read_idx(path: Path, rank: int) -> NDArray[np.uint8]:
    """Reads an idx file of unsigned bytes.

    Args:
        path: The file. Gzip is recognised by its content, not by its name.
        rank: How many dimensions it must have (images 3, labels 1).

    Returns:
        Uint8 array with the dimensions of the header. Read-only.

    Raises:
        DataError: If the file is unreadable, truncated, or something else.
    """
    data = _read_bytes(path)
    if data[:3] != _UINT8 or len(data) < 4:
        raise DataError(
            f"{path} is not an idx file of unsigned bytes: expected it to "
            f"start with 00 00 08. Received: {data[:4].hex(' ')!r}. Get the "
            "original file again."
        )
    start = 4 + 4 * rank
    if data[3] != rank or len(data) < start:
        raise DataError(
            f"{path} must have {rank} dimension(s); its header says "
            f"{data[3]}. Check that images and labels are not mixed up, and "
            "that the file is whole."
        )
    shape = tuple(int(size) for size in np.frombuffer(data, ">u4", rank, 4))
    if len(data) - start != math.prod(shape):
        raise DataError(
            f"{path} is not whole: its header announces {math.prod(shape)} "
            f"bytes (shape {shape}), and {len(data) - start} follow it. Get "
            "the original file again."
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"{path} is a damaged or truncated gzip file ({error}). Get the "
            "original file again."
        ) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
