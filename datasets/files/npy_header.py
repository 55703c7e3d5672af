"""The header of a `.npy` file, read without unpickling anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.lib import format as npy

from keras_mtl.errors import DataError

_READERS = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


@dataclass(frozen=True)
class NpyHeader:
    """What a `.npy` file says of its contents.

    Args:
        shape: Shape of the array.
        dtype: Dtype of the array: bool, int, uint or float.
        fortran_order: Whether the first axis varies fastest.
        offset: Bytes before the data.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool
    offset: int


def read_header(path: str | Path) -> NpyHeader:
    """Reads the header, and checks that the data that it announces is there.

    Args:
        path: The file.

    Raises:
        DataError: If the file is missing, no `.npy` file, cut off, or holds
            anything but numbers (a pickled object, for one).
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            version = npy.read_magic(file)
            if version not in _READERS:
                raise ValueError(f"format version {version}")
            shape, fortran_order, dtype = _READERS[version](file)
            offset = file.tell()
        size = path.stat().st_size - offset
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    except (ValueError, SyntaxError, TokenError) as error:
        raise DataError(
            f"{path} is not a whole .npy file ({error}). Get the original "
            "file again."
        ) from error
    if dtype.kind not in "biuf":
        raise DataError(
            f"{path} holds {dtype} values, which are pickled objects or no "
            "numbers, and is not opened. Save it again as an array of "
            "numbers: np.save(path, array.astype('float32'))."
        )
    if size != math.prod(shape) * dtype.itemsize:
        raise DataError(
            f"{path} is not whole: its header announces "
            f"{math.prod(shape) * dtype.itemsize} bytes (shape {shape}, "
            f"{dtype}), and {size} follow it. Get the original file again."
        )
    return NpyHeader(tuple(shape), dtype, bool(fortran_order), offset)
