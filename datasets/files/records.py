"""The samples of a split, as files and tables."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.datasets.files.array_files import ArrayFiles
from keras_mtl.datasets.files.files import Files
from keras_mtl.errors import DataError


@dataclass(frozen=True)
class Records:
    """Samples: a file of every kind for each, and rows of tables.

    Args:
        files: Name of a field to its files, one a sample.
        tables: Name of a field to its values, shape `(num_samples, ...)`.
    """

    files: Mapping[str, Files]
    tables: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.files.values())).paths)

    def take(self, index: Sequence[int] | NDArray[np.int64]) -> Records:
        """Some of the samples, in the order given."""
        listed = [int(i) for i in index]
        return Records(
            {name: files.take(listed) for name, files in self.files.items()},
            {name: values[listed] for name, values in self.tables.items()},
        )

    def digest(self, stamps: bool = False) -> str:
        """SHA-256 (hex) of the names and sizes of the files, and the tables.

        Args:
            stamps: Include the folders, the times of the last change and how
                the files are decoded, but not the tables: what a cache of
                decoded files depends on.

        Raises:
            DataError: If a file is missing.
        """
        digest = hashlib.sha256()
        for name in sorted(self.files):
            files = self.files[name]
            lines = [_line(path, stamps) for path in files.paths]
            described = files.describe() if stamps else {}
            text = json.dumps([name, described, lines], default=str)
            digest.update(text.encode())
        for name in () if stamps else sorted(self.tables):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(self.tables[name]).data)
        return digest.hexdigest()

    def verify(
        self, index: Sequence[int] | NDArray[np.int64] | None = None
    ) -> None:
        """Decodes every file, or those of some samples.

        Raises:
            DataError: For the first that cannot be decoded.
        """
        records = self if index is None else self.take(index)
        for files in records.files.values():
            for position in np.flatnonzero(~_decodable(files)):
                files.verify(int(position))

    def readable(self) -> tuple[Records, list[str]]:
        """Leaves out the samples that cannot be decoded; decodes them all.

        Returns:
            The others, and the message of each that was left out.
        """
        good = np.ones(len(self), bool)
        messages = []
        for files in self.files.values():
            for index in np.flatnonzero(~_decodable(files)):
                good[index] = False
                try:
                    files.verify(int(index))
                except DataError as error:
                    messages.append(str(error))
        return self.take(np.flatnonzero(good)), messages


def _decodable(files: Files) -> NDArray[np.bool_]:
    if isinstance(files, ArrayFiles):  # the header tells
        return np.array([_is_sound(files, i) for i in range(len(files.paths))])

    def read(index: Any, path: Any) -> Any:
        # A pixel is asked for, or nothing would be decoded.
        return index, files.decode(path)[0, 0, 0]

    paths = tf.data.Dataset.from_tensor_slices(list(files.paths)).enumerate()
    read_ones = paths.map(read, tf.data.AUTOTUNE, deterministic=False)
    good = np.zeros(len(files.paths), bool)
    for index, _ in read_ones.ignore_errors().as_numpy_iterator():
        good[index] = True
    return good


def _is_sound(files: ArrayFiles, index: int) -> bool:
    try:
        files.verify(index)
    except DataError:
        return False
    return True


def _line(path: str, stamps: bool) -> list[Any]:
    if not path:
        return []
    try:
        status = os.stat(path)
    except OSError as error:
        raise DataError(
            f"{path} is missing ({error.strerror}). Restore it."
        ) from error
    if stamps:
        return [os.path.abspath(path), status.st_size, status.st_mtime_ns]
    return [os.path.basename(path), status.st_size]
