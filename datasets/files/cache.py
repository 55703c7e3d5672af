"""Decoded files, kept in memory or on disk."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.datasets.files.files import Files
from keras_mtl.datasets.files.records import Records
from keras_mtl.errors import DataError
from keras_mtl.typing import Tensor

KINDS = ("none", "memory", "disk")
_ALIGNMENT = 64  # bytes, of TensorFlow's buffers
_BATCH = 32
Arrays = dict[str, NDArray[Any]]


def cache_folder(folder: str | None) -> Path:
    """Where caches on disk are: an option, a variable, or the user's cache.

    Args:
        folder: `data.cache_dir`. `None` takes the environment variable
            `KERAS_MTL_CACHE`, or `~/.cache/keras_mtl`.
    """
    chosen = folder or os.environ.get("KERAS_MTL_CACHE", "~/.cache/keras_mtl")
    return Path(chosen).expanduser()


def in_memory(records: Records) -> dict[str, Tensor]:
    """Decodes all files into memory.

    Args:
        records: The samples.

    Returns:
        Field to tensor, shape `(num_samples, height, width, channels)`.

    Raises:
        DataError: If they do not fit, or one cannot be decoded.
    """
    size = sum(_bytes(files) for files in records.files.values())
    free = _free_memory()
    if free is not None and size > 0.8 * free:
        raise DataError(
            f"`data.cache: memory` needs {size / 2**30:.1f} GiB, and "
            f"{free / 2**30:.1f} GiB are free. Choose `data.cache: disk`, or a "
            "smaller `data.size`."
        )
    arrays = _filled(records, lambda _, shape, dtype: _empty(shape, dtype))
    return {name: as_tensor(array) for name, array in arrays.items()}


def on_disk(records: Records, folder: Path, name: str) -> dict[str, Tensor]:
    """Decodes all files into arrays on disk, or finds them there.

    They are found again as long as the files (names, sizes, times of the last
    change) and how they are decoded are the same; else they are made anew. A
    cache appears as a whole or not at all.

    Args:
        records: The samples.
        folder: Where the caches are.
        name: What the name of the cache begins with.

    Returns:
        Field to tensor of shape `(num_samples, height, width, channels)`,
        mapped from the disk: read as needed, and not held in memory twice.

    Raises:
        DataError: If a file cannot be decoded, or the disk is full.
    """
    home = folder / f"{name}-{records.digest(stamps=True)[:24]}"
    arrays = _stored(home, records)
    if arrays is None:
        with _disk_errors(folder):
            _build(home, records)
        arrays = _stored(home, records)
    if arrays is None:
        raise DataError(f"The cache {home} vanished. Start again.")
    return {name: as_tensor(array) for name, array in arrays.items()}


def as_tensor(array: NDArray[Any]) -> Tensor:
    """A tensor on the CPU that shares the memory of the array."""
    with tf.device("/CPU:0"):
        if not array.size or array.ctypes.data % _ALIGNMENT:
            return tf.constant(array)
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


def _build(home: Path, records: Records) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    temporary = home.with_name(f".{home.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()

    def mapped(name: str, shape: tuple[int, ...], dtype: str) -> Any:
        return np.lib.format.open_memmap(
            temporary / f"{name}.npy", "w+", np.dtype(dtype), shape
        )

    try:
        for array in _filled(records, mapped).values():
            array.flush()  # type: ignore[attr-defined]  # a memmap
        if _stored(home, records) is None:  # nobody else was faster
            shutil.rmtree(home, ignore_errors=True)
            temporary.rename(home)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _stored(home: Path, records: Records) -> Arrays | None:
    """The arrays of a cache, or `None` if it is not there as a whole."""
    arrays = {}
    for name, files in records.files.items():
        try:
            # Copy on write: DLPack refuses arrays that are read-only.
            array = np.load(
                home / f"{name}.npy", mmap_mode="c", allow_pickle=False
            )
        except (OSError, ValueError):
            return None
        if array.shape != (len(records), *files.shape):
            return None
        if array.dtype != files.dtype:
            return None
        arrays[name] = array
    return arrays


def _filled(
    records: Records, make: Callable[[str, tuple[int, ...], str], Any]
) -> Arrays:
    arrays = {
        name: make(name, (len(records), *files.shape), files.dtype)
        for name, files in records.files.items()
    }
    start = 0
    for batch in _decoded(records.files):
        count = len(next(iter(batch.values())))
        for name, values in batch.items():
            arrays[name][start : start + count] = values
        start += count
    return arrays


def _decoded(files: Mapping[str, Files]) -> Iterator[Arrays]:
    """All samples in order, decoded in batches."""

    def decode(paths: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: files[name].decode(paths[name]) for name in paths}

    paths = {name: list(one.paths) for name, one in files.items()}
    samples = tf.data.Dataset.from_tensor_slices(paths).map(
        decode, tf.data.AUTOTUNE, deterministic=True
    )
    batches = samples.batch(_BATCH).prefetch(2)
    yield from batches.as_numpy_iterator()


def _empty(shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    """An array whose memory begins where TensorFlow wants it to."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.empty(size + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return memory[start : start + size].view(dtype).reshape(shape)


def _bytes(files: Files) -> int:
    values = len(files.paths) * int(np.prod(files.shape))
    return values * np.dtype(files.dtype).itemsize


def _free_memory() -> int | None:
    """Bytes that can still be used, where the system tells."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


@contextlib.contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except OSError as error:
        raise DataError(
            f"The cache in {folder} cannot be written: {error}. Make room, or "
            "give another folder by `data.cache_dir` or KERAS_MTL_CACHE."
        ) from error
