"""Images and maps that a table names, as records with their targets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mtl.datasets.files.files import Files
from keras_mtl.datasets.files.folder_bounds import FolderBounds
from keras_mtl.datasets.files.image_files import ImageFiles
from keras_mtl.datasets.files.image_sizes import check_sizes, first_size
from keras_mtl.datasets.files.records import Records
from keras_mtl.datasets.labels import clean_labels
from keras_mtl.datasets.tables.column_task import KINDS, ColumnTask, column_task
from keras_mtl.datasets.tables.map_task import MAP_KINDS, MapTask, map_task
from keras_mtl.datasets.tables.table import Table
from keras_mtl.datasets.targets.column_label import ColumnLabel
from keras_mtl.datasets.targets.target import Target
from keras_mtl.errors import DataError

_COLUMN = re.compile(r"\{([^{}]+)\}")


class TableRecords:
    """Makes the records of tables, all parts alike.

    Args:
        folder: Where all paths begin.
        train: The training rows.
        image: Column or path of the images.
        tasks: Task to its block; see `image_folder`.
        size: Height and width; `None` takes those of the first image.
        channels: 3 or 1.
        skip: Pass over files that are no image: they are left out later.

    Raises:
        ConfigError: If a block is wrong.
        DataError: If a column or a file is missing.
    """

    def __init__(
        self,
        folder: Path,
        train: Table,
        image: str,
        tasks: Mapping[str, Any],
        size: tuple[int, int] | None,
        channels: int,
        skip: bool = False,
    ) -> None:
        self.folder = folder
        self.image = image
        self._train = train
        self.channels = channels
        self._bounds = FolderBounds(folder)
        self._columns: list[ColumnTask] = []
        self._maps: list[MapTask] = []
        kinds = (*KINDS, *MAP_KINDS)
        for name, block in tasks.items():
            kind = block.get("kind") if isinstance(block, Mapping) else None
            if kind in MAP_KINDS:
                self._maps.append(map_task(name, block, kinds))
            else:
                self._columns.append(column_task(name, block, train, kinds))
        self._skip = skip
        self.size = size or first_size(self._paths(train, image, "image"), skip)
        order = list(tasks)
        self.targets: list[Target] = sorted(
            [*self._labels(), *(one.target for one in self._maps)],
            key=lambda target: order.index(target.spec.name),
        )

    def records(self, table: Table) -> Records:
        """The records of some rows.

        Raises:
            DataError: If a file is missing or of the wrong size, or a label
                is none of its task.
        """
        paths = {"image": self._paths(table, self.image, "image")}
        files: dict[str, Files] = {
            "image": ImageFiles(tuple(paths["image"]), self.size, self.channels)
        }
        tables: dict[str, Any] = {}
        for one in self._maps:
            option = f"tasks.{one.target.spec.name}.file"
            for field, place in zip(one.fields, one.places, strict=True):
                paths[field] = self._paths(table, place, option, optional=True)
                files[field] = ImageFiles(
                    tuple(paths[field]), self.size, one.channels, smooth=False
                )
            listed = zip(*(paths[field] for field in one.fields), strict=True)
            tables[one.known] = np.array([any(row) for row in listed], bool)
        for task in self._columns:
            name = task.spec.name
            labels = clean_labels(
                ", ".join(table.read_from),
                task.spec,
                task.labels(table),
                len(table),
            )
            tables[f"label:{name}"] = labels.values
            tables[f"known:{name}"] = labels.present
        check_sizes(paths, skip=self._skip)
        return Records(files, tables)

    def _labels(self) -> list[ColumnLabel]:
        names = [task.spec.name for task in self._columns]
        return [
            ColumnLabel(task.spec, f"label:{name}", f"known:{name}")
            for task, name in zip(self._columns, names, strict=True)
        ]

    def _paths(
        self, table: Table, place: str, option: str, optional: bool = False
    ) -> list[str]:
        """The files of a column or a path with columns in it."""
        columns = _COLUMN.findall(place)
        if not columns:
            columns, place = [place], f"{{{place}}}"
        cells = [table.column(column, option) for column in columns]
        found = []
        for row, values in enumerate(zip(*cells, strict=True)):
            path = self._path(place, columns, values)
            if path and not self._bounds.holds(path):
                raise table.error(
                    row,
                    f"the file {path!r}, which `data.{option}` names, is not "
                    f"below `data.dir` ({self.folder}), and is not opened. "
                    "Move it there, or give a folder above both.",
                )
            is_there = bool(path) and Path(path).is_file()
            is_template = place != f"{{{columns[0]}}}"
            if not is_there and not (optional and (is_template or not path)):
                raise table.error(
                    row,
                    f"the file {path or place!r}, which `data.{option}` "
                    "names, is not there. Restore it, correct the table, or "
                    "leave the cell of a missing label empty.",
                )
            found.append(path if is_there else "")
        # Of the other parts, one may have no label at all.
        if table is self._train and not any(found):
            raise DataError(
                f"{', '.join(table.read_from)}: there is no file at all for "
                f"`data.{option}`: {place!r} below {self.folder}. Correct it."
            )
        return found

    def _path(
        self, place: str, columns: Sequence[str], values: Sequence[str]
    ) -> str:
        if not all(values):
            return ""
        for column, value in zip(columns, values, strict=True):
            place = place.replace(f"{{{column}}}", value)
        return str(self.folder / place)
