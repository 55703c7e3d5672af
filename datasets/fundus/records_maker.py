"""From samples to records and targets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.files.files import Files
from keras_mtl.datasets.files.image_files import ImageFiles
from keras_mtl.datasets.files.outline_files import OutlineFiles
from keras_mtl.datasets.files.records import Records
from keras_mtl.datasets.fundus.headers import image_headers
from keras_mtl.datasets.fundus.layout import Layout
from keras_mtl.datasets.fundus.rule import COLOURS, FILES, Rule
from keras_mtl.datasets.fundus.samples import Label, Point, Samples
from keras_mtl.datasets.targets.class_map import id_table
from keras_mtl.datasets.targets.colour_masks import ColourMasks
from keras_mtl.datasets.targets.column_label import ColumnLabel
from keras_mtl.datasets.targets.heat_map import HeatMap
from keras_mtl.datasets.targets.level_mask import LevelMask
from keras_mtl.datasets.targets.target import Target
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.errors import DataError

_VIEW = "field_of_view"
# Where the variance of a fovea is defined.
_SIDE = 256


class RecordsMaker:
    """Makes the records of all parts alike.

    Args:
        layout: Where the labels are.
        tasks: The tasks to read.
        size: Height and width to resize to; `None` keeps that of the first
            image, which all must have then.
        variance: Of the Gaussian of a point, in squared pixels of 256x256.
    """

    def __init__(
        self,
        layout: Layout,
        tasks: Sequence[str],
        size: tuple[int, int] | None,
        variance: float,
    ) -> None:
        self.layout = layout
        self.rules = {task: layout.rules[task] for task in tasks}
        self.size = size
        self._are_alike = size is None
        self.variance = variance

    def records(self, samples: Samples) -> Records:
        """The records of some samples.

        Raises:
            DataError: If an image or a map cannot be read, a map has not the
                size of its image, or a point lies outside, by name.
        """
        stored = self._stored(samples)
        size = self._fixed()
        files: dict[str, Files] = {"image": ImageFiles(samples.images, size, 3)}
        tables: dict[str, NDArray[Any]] = {}
        for task, rule in self.rules.items():
            labels = samples.labels[task]
            present = np.array([label is not None for label in labels], bool)
            tables[f"known:{task}"] = present
            if rule.form in FILES:
                paths = tuple(str(label or "") for label in labels)
                if rule.form != "outline":
                    _check_maps(paths, samples.images, stored)
                if self._field(task) not in files:
                    files[self._field(task)] = (
                        _outlines(paths, rule, stored, size)
                        if rule.form == "outline"
                        else self._maps(paths, rule, size)
                    )
            elif rule.form == "point":
                tables[f"label:{task}"] = _points(task, labels, stored, size)
            else:
                values = np.array([label or 0 for label in labels], np.float32)
                tables[f"label:{task}"] = values[:, None]
        if samples.views:
            _check_maps(samples.views, samples.images, stored)
            files[_VIEW] = _grey(samples.views, size)
        return Records(files, tables)

    def targets(self, with_views: bool = False) -> list[Target]:
        """What makes the labels of each task. Call `records` before."""
        view = _VIEW if with_views else None
        return [self._target(task, view) for task in self.rules]

    def _stored(self, samples: Samples) -> list[tuple[int, int]]:
        stored = image_headers(samples.images)
        self.size = self.size or stored[0]
        if self._are_alike:
            for path, found in zip(samples.images, stored, strict=True):
                if found != self.size:
                    raise DataError(
                        f"{path} is {found[0]}x{found[1]} (height x width), "
                        f"but {samples.images[0]} is "
                        f"{self.size[0]}x{self.size[1]}. Give a size for all "
                        "by `data.size`."
                    )
        return stored

    def _fixed(self) -> tuple[int, int]:
        if self.size is None:
            raise RuntimeError("`records` must be called first.")
        return self.size

    def _field(self, task: str) -> str:
        """The field of a map; tasks that read the same file share it."""
        same = (one for one in self.rules if self.layout.share(one, task))
        return f"map:{next(same)}"

    def _maps(
        self, paths: tuple[str, ...], rule: Rule, size: tuple[int, int]
    ) -> ImageFiles:
        if rule.channels == 3:
            return ImageFiles(paths, size, 3, smooth=False)
        return _grey(paths, size)

    def _target(self, task: str, view: str | None) -> Target:
        rule, known = self.rules[task], f"known:{task}"
        maps = rule.maps
        spec = TaskSpec(task, rule.kind, len(maps) if maps else 1, maps)
        if rule.form == "point":
            size = self._fixed()
            share = math.sqrt(size[0] * size[1]) / _SIDE
            variance = self.variance * share**2
            return HeatMap(spec, f"label:{task}", known, size, variance)
        if rule.form == "colours":
            codes = tuple(
                tuple(COLOURS[name] for name in listed)
                for listed in rule.options["colours"].values()
            )
            dropped = rule.options.get("unlabelled", ())
            return ColourMasks(
                spec,
                self._field(task),
                codes,
                tuple(COLOURS[name] for name in dropped),
                known,
                view,
            )
        if rule.form in FILES:
            table = tuple(_levels(rule))
            return LevelMask(spec, self._field(task), table, known, view)
        return ColumnLabel(spec, f"label:{task}", known)


def _levels(rule: Rule) -> list[int]:
    """1, 0 or unknown for each of the 256 grey levels."""
    if rule.form == "outline":
        return [0, *[1] * 255]
    if rule.form == "above":
        return [int(level > rule.options["above"]) for level in range(256)]
    classes = dict.fromkeys(rule.options["no"], 0)
    return id_table(classes | dict.fromkeys(rule.options["yes"], 1), ())


def _outlines(
    paths: tuple[str, ...],
    rule: Rule,
    stored: Sequence[tuple[int, int]],
    size: tuple[int, int],
) -> OutlineFiles:
    return OutlineFiles(paths, size, tuple(stored), rule.options["outline"])


def _grey(paths: tuple[str, ...], size: tuple[int, int]) -> ImageFiles:
    return ImageFiles(paths, size, 1, smooth=False)


def _check_maps(
    paths: Sequence[str],
    images: Sequence[str],
    stored: Sequence[tuple[int, int]],
) -> None:
    there = [index for index, path in enumerate(paths) if path]
    sizes = image_headers([paths[i] for i in there], colour=False)
    for index, size in zip(there, sizes, strict=True):
        if size != stored[index]:
            expected = stored[index]
            raise DataError(
                f"{paths[index]} is {size[0]}x{size[1]} (height x width), but "
                f"its image {images[index]} is {expected[0]}x{expected[1]}. "
                "Maps must have the size of their image: get the original "
                "files again."
            )


def _points(
    task: str,
    labels: Sequence[Label],
    stored: Sequence[tuple[int, int]],
    size: tuple[int, int],
) -> NDArray[np.float32]:
    """Row and column in the resized image; corners stay corners."""
    points = np.zeros((len(labels), 2), np.float32)
    for index, (label, found) in enumerate(zip(labels, stored, strict=True)):
        if not isinstance(label, Point):
            continue
        height, width = found
        if not (0 <= label.x < width and 0 <= label.y < height):
            raise DataError(
                f"{label.place}: the point ({label.x:g}, {label.y:g}) of task "
                f"{task!r} is outside of its image, {width} pixels wide and "
                f"{height} high. Correct the row, or leave its cells empty."
            )
        points[index] = (
            (label.y + 0.5) * size[0] / height - 0.5,
            (label.x + 0.5) * size[1] / width - 0.5,
        )
    return points
