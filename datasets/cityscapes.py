"""Cityscapes: segmentation and disparity of street scenes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_mtl.datasets import options as check
from keras_mtl.datasets.files.array_files import array_files
from keras_mtl.datasets.files.data_set import (
    from_records,
    held_out,
    image_side,
)
from keras_mtl.datasets.files.files import Files
from keras_mtl.datasets.files.image_files import ImageFiles
from keras_mtl.datasets.files.image_sizes import check_sizes
from keras_mtl.datasets.files.listing import (
    ARRAYS,
    by_stem,
    matched,
    require_parts,
    root,
)
from keras_mtl.datasets.files.records import Records
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.targets.class_map import ClassMap, id_table
from keras_mtl.datasets.targets.class_mask import ClassMask
from keras_mtl.datasets.targets.depth_map import DepthMap
from keras_mtl.datasets.targets.target import Target
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.errors import DataError

WHAT = (
    "train/ and val/ with image/, label_7/ (or label/) and depth/, the .npy "
    "arrays of MTAN (https://github.com/lorenmt/mtan), or leftImg8bit/ and "
    "gtFine/ of the release (https://www.cityscapes-dataset.com)"
)
# Ids of the release that make up a class; all other ids are void.
GROUPS = {
    "flat": (7, 8),
    "construction": (11, 12, 13),
    "object": (17, 19, 20),
    "nature": (21, 22),
    "sky": (23,),
    "human": (24, 25),
    "vehicle": (26, 27, 28, 31, 32, 33),
}
_NUM_IDS = 34  # 0..33; -1, the licence plate, is stored as 255
TASKS = ("segmentation", "depth")
_SIZE = (128, 256)


def cityscapes(
    batch_size: int = 8,
    seed: int = 0,
    dir: str | None = None,
    tasks: Sequence[str] | None = None,
    segmentation: str = "joint",
    size: Sequence[int] | None = None,
    validation: int | float = 0.1,
    split_seed: int = 0,
    augmentation: Sequence[str | dict[str, Any]] = (),
    cache: str = "none",
    cache_dir: str | None = None,
    on_corrupt: str = "fail",
) -> MultiTaskData:
    """Cityscapes at 128x256: 2975 training and 500 test images.

    Tasks: `segmentation` (7 groups of classes) and `depth`, which is an
    inverse depth: that of MTAN's arrays, or the disparity in pixels of the
    full image, 0 where missing. With `segmentation: per_class`, one mask
    task for each group takes the place of `segmentation`: 8 tasks in all.

    Two layouts are read: the `.npy` arrays of MTAN (labels -1 or 0..6), and
    the release: `leftImg8bit/`, the `labelIds` of `gtFine/` and, if it is
    there, `disparity/`. Its `val` is the test split, since the labels of its
    `test` are not public.

    Args:
        batch_size: Samples in a batch.
        seed: Seed of the order of the training images, 0 or more.
        dir: Folder with one of the layouts.
        tasks: Which of the two. Defaults to those that the folder has.
        segmentation: `"joint"`, or `"per_class"`: a mask task a group.
        size: Height and width to resize to; labels and disparities by nearest
            neighbour. Defaults to what is stored of arrays, and 128x256.
        validation: Training images held out: a count, or a fraction below 1.
            0 trains on all 2975, as published.
        split_seed: Seed of what is held out, 0 or more.
        augmentation: What is done to training images and their labels at
            random: names or mappings of `flip`, `scale`, `crop`, `rotation`
            and `colour`, in order.
        cache: `"none"`, `"memory"` or `"disk"`: where decoded and resized
            files are kept. The release is slow to decode: choose one.
        cache_dir: Folder of the caches on disk. Defaults to the environment
            variable `KERAS_MTL_CACHE`, or `~/.cache/keras_mtl`.
        on_corrupt: `"fail"`, or `"skip"`: decode every file first, and leave
            out the samples that cannot be read.

    Returns:
        Data with inputs `(height, width, 3)`, float32 in [0, 1], and a
        weight for every pixel of every task.

    Raises:
        ConfigError: If an option is wrong.
        DataError: If files are missing, damaged or do not belong together.

    Reference:
        [Cordts et al., 2016](https://arxiv.org/abs/1604.01685), in the form
        of [Liu et al., 2019](https://arxiv.org/abs/1803.10704)
    """
    check.choice("segmentation", segmentation, ("joint", "per_class"))
    side = image_side("size", size)
    folder = root(dir, WHAT)
    is_release = (folder / "leftImg8bit").is_dir()
    read = _release if is_release else _arrays
    if not is_release:
        require_parts(folder, ("train/image", "val/image"), WHAT)
    chosen = _chosen(folder, tasks, is_release)
    train, test = (
        read(folder, part, chosen, side, on_corrupt == "skip")
        for part in ("train", "val")
    )
    rest, held, count = held_out(train, validation, split_seed)
    return from_records(
        "cityscapes",
        {"train": rest, "validation": held, "test": test},
        _targets(chosen, segmentation, is_release),
        batch_size=batch_size,
        seed=seed,
        options={
            "dir": dir,
            "tasks": list(chosen),
            "segmentation": segmentation,
            "size": list(train.files["image"].shape[:2]),
            "validation": count,
            "split_seed": split_seed,
            "augmentation": list(augmentation),
            "cache": cache,
            "cache_dir": cache_dir,
            "on_corrupt": on_corrupt,
        },
    )


def _chosen(
    folder: Path, tasks: Sequence[str] | None, is_release: bool
) -> list[str]:
    homes = {
        "segmentation": ("gtFine",) if is_release else _LABELS,
        "depth": ("disparity",) if is_release else ("train/depth",),
    }
    there = [
        task
        for task in TASKS
        if any((folder / home).is_dir() for home in homes[task])
    ]
    wanted = there if tasks is None else list(tasks)
    if not wanted or len(set(wanted)) < len(wanted):
        raise check.wrong("tasks", f"some of {list(TASKS)}, once each", tasks)
    for task in wanted:
        check.choice("tasks", task, TASKS)
        if task not in there:
            raise DataError(
                f"{folder} has no {' or '.join(homes[task])}, which the task "
                f"{task!r} needs. There are the tasks {there}: choose among "
                "them by `data.tasks`, or unpack the rest of the release."
            )
    return wanted


_LABELS = ("train/label_7", "train/label")


def _arrays(
    folder: Path,
    part: str,
    tasks: Sequence[str],
    size: tuple[int, int] | None,
    skip: bool,
) -> Records:
    home = folder / part
    label = "label_7" if (home / "label_7").is_dir() else "label"
    names = {"image": "image", "segmentation": label, "depth": "depth"}
    kinds = {
        field: by_stem(home / names[field], ARRAYS)
        for field in ("image", *tasks)
    }
    files = {
        field: array_files(
            paths,
            size,
            smooth=field == "image",
            class_ids=field == "segmentation",
            skip=skip,
        )
        for field, paths in matched(kinds).items()
    }
    shapes = {field: one.header.shape[:2] for field, one in files.items()}
    if len(set(shapes.values())) > 1:
        raise DataError(
            f"The arrays of {home} differ in height or width: {shapes}. Get "
            "the original files again."
        )
    return Records(dict(files))


def _release(
    folder: Path,
    part: str,
    tasks: Sequence[str],
    size: tuple[int, int] | None,
    skip: bool,
) -> Records:
    endings = {
        "image": ("leftImg8bit", "_leftImg8bit"),
        "segmentation": ("gtFine", "_gtFine_labelIds"),
        "depth": ("disparity", "_disparity"),
    }
    kinds = {}
    for field in ("image", *tasks):
        home, ending = endings[field]
        require_parts(folder, (f"{home}/{part}",), WHAT)
        kinds[field] = _cities(folder / home / part, ending)
    paths = matched(kinds)
    check_sizes(paths, skip=skip)
    size = size or _SIZE
    files: dict[str, Files] = {"image": ImageFiles(tuple(paths["image"]), size)}
    for field in tasks:
        dtype = "uint16" if field == "depth" else "uint8"
        listed = tuple(paths[field])
        files[field] = ImageFiles(listed, size, 1, smooth=False, dtype=dtype)
    return Records(files)


def _cities(home: Path, ending: str) -> dict[str, str]:
    """The files of all cities, by the name that their kinds share."""
    cities = sorted(city for city in home.iterdir() if city.is_dir())
    if not cities:
        raise DataError(
            f"{home} holds no folder of a city. Unpack the release again."
        )
    found: dict[str, str] = {}
    for city in cities:
        found |= by_stem(city, (".png",), ending)
    return found


def _targets(
    tasks: Sequence[str], segmentation: str, is_release: bool
) -> list[Target]:
    table = tuple(_release_table() if is_release else _array_table())
    names = tuple(GROUPS)
    targets: list[Target] = []
    for task in tasks:
        if task == "depth":
            spec = TaskSpec("depth", "depth", 1)
            scale, offset = (1 / 256, 1.0) if is_release else (1.0, 0.0)
            targets.append(DepthMap(spec, "depth", scale, offset, inverse=True))
        elif segmentation == "joint":
            spec = TaskSpec("segmentation", "segmentation", len(names), names)
            targets.append(ClassMap(spec, "segmentation", table))
        else:
            targets += [
                ClassMask(
                    TaskSpec(name, "mask", 1, (name,)),
                    "segmentation",
                    table,
                    label,
                )
                for label, name in enumerate(names)
            ]
    return targets


def _array_table() -> list[int]:
    return id_table({label: label for label in range(len(GROUPS))}, (255,))


def _release_table() -> list[int]:
    classes = {
        value: label
        for label, values in enumerate(GROUPS.values())
        for value in values
    }
    void = [value for value in range(_NUM_IDS) if value not in classes]
    return id_table(classes, (*void, 255))
