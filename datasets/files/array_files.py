"""Arrays on disk (`.npy`), parsed inside the graph without pickle."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from keras_mtl.datasets.files.npy_header import NpyHeader, read_header
from keras_mtl.errors import DataError
from keras_mtl.typing import Tensor

_DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "float16",
    "float32", "float64",
)  # fmt: skip


@dataclass(frozen=True)
class ArrayFiles:
    """One `.npy` array a sample. Make it with `array_files`.

    Args:
        paths: The files.
        header: The header that all of them have.
        size: Height and width after the resize.
        smooth: Resize by antialiased bilinear interpolation; else by nearest
            neighbour.
        class_ids: Whether the values are class ids: -1 (and any other
            negative number) becomes 255, and the dtype uint8.
    """

    paths: tuple[str, ...]
    header: NpyHeader
    size: tuple[int, int]
    smooth: bool = True
    class_ids: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels; an array of two axes has one."""
        channels = self.header.shape[2] if len(self.header.shape) == 3 else 1
        return (*self.size, channels)

    @property
    def dtype(self) -> str:
        """`"uint8"` for ids and arrays of bytes, else `"float32"`."""
        if self.class_ids or self.header.dtype == "uint8":
            return "uint8"
        return "float32"

    def decode(self, path: Tensor) -> Tensor:
        """The values of an array. See `Files.decode`."""
        header = self.header
        values = self._values(tf.io.read_file(path))
        if header.fortran_order:
            values = tf.transpose(tf.reshape(values, header.shape[::-1]))
        values = tf.reshape(values, [*header.shape[:2], self.shape[2]])
        if self.class_ids:
            values = _as_ids(values)
        return tf.ensure_shape(self._resized(values), self.shape)

    def verify(self, index: int) -> None:
        """Reads one array. See `Files.verify`."""
        check_header(self.paths[index], self.header)

    def take(self, index: Sequence[int]) -> ArrayFiles:
        """The arrays of some samples."""
        paths = tuple(self.paths[i] for i in index)
        return dataclasses.replace(self, paths=paths)

    def describe(self) -> dict[str, Any]:
        """Size and interpolation."""
        return {
            "size": self.size,
            "smooth": self.smooth,
            "class_ids": self.class_ids,
        }

    def _values(self, data: Tensor) -> Tensor:
        """The numbers behind the header, flat."""
        header = self.header
        skipped, rest = divmod(header.offset, header.dtype.itemsize)
        if rest:
            data, skipped = tf.strings.substr(data, header.offset, -1), 0
        values = tf.io.decode_raw(
            data,
            tf.as_dtype(header.dtype.newbyteorder("=")),
            little_endian=header.dtype.byteorder != ">",
        )
        # Headers are padded, so that this slice is a view and no copy.
        return values[skipped:]

    def _resized(self, values: Tensor) -> Tensor:
        if self.header.shape[:2] == self.size:
            return tf.cast(values, self.dtype)
        if not self.smooth:
            values = tf.cast(values, self.dtype)
            return tf.image.resize(values, self.size, "nearest")
        resized = tf.image.resize(values, self.size, antialias=True)
        if self.dtype == "uint8":
            resized = tf.round(resized)
        return tf.saturate_cast(resized, self.dtype)


def array_files(
    paths: Sequence[str],
    size: tuple[int, int] | None = None,
    *,
    smooth: bool = True,
    class_ids: bool = False,
    skip: bool = False,
) -> ArrayFiles:
    """Checks the headers of all files.

    Args:
        paths: The files, one or more.
        size: Height and width after the resize. Defaults to what is stored.
        smooth: See `ArrayFiles`.
        class_ids: See `ArrayFiles`.
        skip: Only look for the first one that can be read; `verify` checks
            the others.

    Raises:
        DataError: If a file is not like the first one, or not readable.
    """
    header = _first_header(paths, skip)
    if len(header.shape) not in (2, 3):
        raise DataError(
            f"{paths[0]} has shape {header.shape}: expected (height, width) "
            "or (height, width, channels). Save each sample in a file of its "
            "own."
        )
    if header.dtype.name not in _DTYPES:
        raise DataError(
            f"{paths[0]} holds {header.dtype} values: expected one of "
            f"{', '.join(_DTYPES)}. Save it again: np.save(path, "
            "array.astype('float32'))."
        )
    for path in () if skip else paths[1:]:
        check_header(path, header)
    height, width = size or header.shape[:2]
    return ArrayFiles(tuple(paths), header, (height, width), smooth, class_ids)


def _first_header(paths: Sequence[str], skip: bool) -> NpyHeader:
    for path in paths[:-1] if skip else ():
        with contextlib.suppress(DataError):
            return read_header(path)
    return read_header(paths[-1] if skip else paths[0])


def check_header(path: str, expected: NpyHeader) -> None:
    """Refuses a file that is not stored like the others.

    Args:
        path: The file.
        expected: The header of the others.

    Raises:
        DataError: If shape, dtype or order differ.
    """
    found = read_header(path)
    if found != expected:
        raise DataError(
            f"{path} holds {found.dtype} of shape {found.shape}; the files "
            f"beside it hold {expected.dtype} of shape {expected.shape}. "
            "Masks, depth and normals must have the size of their image. Get "
            "the original file again."
        )


def _as_ids(values: Tensor) -> Tensor:
    """Class ids as bytes: below 0 (unlabelled) is 255, too large is 254."""
    if not values.dtype.is_integer:
        values = tf.round(tf.cast(values, tf.float32))
    values = tf.cast(values, tf.int32)
    values = tf.where(values < 0, 255, tf.minimum(values, 254))
    return tf.cast(values, tf.uint8)
