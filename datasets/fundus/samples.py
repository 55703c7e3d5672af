"""The images of one part of a release, with what is known of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from keras_mtl.datasets.fundus.file_index import FileIndex
from keras_mtl.datasets.fundus.label_table import LabelTable
from keras_mtl.datasets.fundus.layout import Block, Layout
from keras_mtl.datasets.fundus.rule import FILES, Rule
from keras_mtl.errors import DataError


class Point(NamedTuple):
    """A pixel of the stored image, and where it is written.

    Attributes:
        x: Pixels to the right.
        y: Pixels below.
        place: File and row, for messages.
    """

    x: float
    y: float
    place: str


Label = str | float | Point | None


@dataclass(frozen=True)
class Samples:
    """Images with labels.

    Args:
        ids: Name of each image.
        images: Its file.
        labels: Task to the label of each: the path of a map, an answer (0 or
            1), a point; `None` where missing.
        views: The mask of the field of view of each, or nothing at all.
    """

    ids: tuple[str, ...]
    images: tuple[str, ...]
    labels: Mapping[str, tuple[Label, ...]]
    views: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, index: Sequence[int]) -> Samples:
        """Some of them."""
        return Samples(
            tuple(self.ids[i] for i in index),
            tuple(self.images[i] for i in index),
            {
                task: tuple(values[i] for i in index)
                for task, values in self.labels.items()
            },
            tuple(self.views[i] for i in index) if self.views else (),
        )


def find_samples(
    index: FileIndex,
    layout: Layout,
    part: str,
    tasks: Sequence[str],
    missing: str,
    with_views: bool = False,
) -> Samples:
    """Finds the images of a part, and their labels.

    Args:
        index: The files.
        layout: Where everything is.
        part: `train`, `validation`, `test` or `all`.
        tasks: The tasks to look for.
        missing: `"fail"`, or `"unlabelled"`: what an image without a label
            is.
        with_views: Look for the masks of the field of view too.

    Raises:
        DataError: If there is no image, or a label is missing or wrong, by
            file and row.
    """
    finder = _Finder(index, layout, missing)
    found = [
        finder.block(block, tasks, with_views) for block in layout.parts[part]
    ]
    ids = [name for one in found for name in one.ids]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise DataError(
            f"{index.folder}: the {part} images have the name {twice[0]!r} "
            "twice. Unpack the release again."
        )
    return Samples(
        tuple(ids),
        tuple(path for one in found for path in one.images),
        {
            task: tuple(label for one in found for label in one.labels[task])
            for task in tasks
        },
        tuple(path for one in found for path in one.views),
    )


class _Finder:
    def __init__(self, index: FileIndex, layout: Layout, missing: str) -> None:
        self.index = index
        self.layout = layout
        self.missing = missing

    def block(
        self, block: Block, tasks: Sequence[str], with_views: bool
    ) -> Samples:
        images = self.index.samples(block.image)
        if not images:
            raise DataError(
                f"{self.index.folder} has no image {block.image}: expected "
                f"{self.layout.about}. Give another `data.dir` or "
                "`data.layout`, or unpack the release again."
            )
        labels = {
            task: tuple(self._labels(task, block.rules[task], images))
            for task in tasks
        }
        views: tuple[str, ...] = ()
        if with_views and block.field_of_view:
            views = tuple(
                self._files("field of view", block.field_of_view, images, True)
            )
        return Samples(tuple(images), tuple(images.values()), labels, views)

    def _labels(
        self, task: str, rule: Rule, images: Mapping[str, str]
    ) -> list[Label]:
        if rule.form == "folder":
            return [float(rule.options["always"])] * len(images)
        if rule.form in FILES:
            files = self._files(f"task {task!r}", rule.options["file"], images)
            return [path or None for path in files]
        table = LabelTable(self.index, task, rule)
        known = table.points() if rule.form == "point" else table.answers()
        for name, path in images.items():
            if known.get(name) is None:
                self._refuse(
                    f"{path} has no label of task {task!r} in {table.path}, "
                    f"where a row {table.key(name)!r} is expected"
                )
        found = [known.get(name) for name in images]
        return [
            Point(*label) if isinstance(label, tuple) else label
            for label in found
        ]

    def _files(
        self,
        what: str,
        pattern: str,
        images: Mapping[str, str],
        always: bool = False,
    ) -> list[str]:
        files = self.index.samples(pattern)
        for name, path in images.items():
            if name not in files:
                expected = pattern.replace("{id}", name)
                self._refuse(
                    f"{path} has no map of {what}: expected {expected} below "
                    f"{self.index.folder}",
                    always,
                )
        return [files.get(name, "") for name in images]

    def _refuse(self, message: str, always: bool = False) -> None:
        if self.missing == "fail" or always:
            hint = (
                ""
                if always
                else ", or go on without such labels by "
                "`data.missing: unlabelled`"
            )
            raise DataError(f"{message}. Restore it{hint}.")
