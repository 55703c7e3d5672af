"""NYUv2: segmentation, depth and surface normals of indoor scenes."""

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
    IMAGES,
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
from keras_mtl.datasets.targets.normal_map import NormalMap
from keras_mtl.datasets.targets.target import Target
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.errors import ConfigError, DataError

WHAT = (
    "train/ and val/ of NYUv2, each with image/, label/ (or label13/), depth/ "
    "and normal/: .npy arrays (the release of MTAN, "
    "https://github.com/lorenmt/mtan) or images"
)
CLASSES = (
    "bed", "books", "ceiling", "chair", "floor", "furniture", "objects",
    "picture", "sofa", "table", "tv", "wall", "window",
)  # fmt: skip
TASKS = ("segmentation", "depth", "normals")
_METRES = 10 / 255  # in one grey level of a depth image
_FOLDERS = {"segmentation": "label", "depth": "depth", "normals": "normal"}


def nyuv2(
    batch_size: int = 8,
    seed: int = 0,
    dir: str | None = None,
    tasks: Sequence[str] | None = None,
    segmentation: str = "joint",
    classes: int = 13,
    size: Sequence[int] | None = None,
    validation: int | float = 0.1,
    split_seed: int = 0,
    augmentation: Sequence[str | dict[str, Any]] = (),
    cache: str = "none",
    cache_dir: str | None = None,
    on_corrupt: str = "fail",
) -> MultiTaskData:
    """NYUv2, 288x384: 795 training and 654 test images.

    Tasks: `segmentation` (13 or 40 classes), `depth` (metres, 0 is missing)
    and `normals` (unit vectors). With `segmentation: per_class`, one mask
    task for each class takes the place of `segmentation`: 15 tasks in all.

    Two layouts are read, told apart by the files in `train/image/`: the
    `.npy` arrays of MTAN (labels -1 or 0..12), and images: JPEG or PNG
    images, `label13/` or `label/` (0 is missing, 1..13), `label40/` (0..39,
    the last one other properties and void), `depth/` (metres = value *
    10 / 255) and `normal/` (127.5 * (1 + n)), all PNG.

    Args:
        batch_size: Samples in a batch.
        seed: Seed of the order of the training images, 0 or more.
        dir: Folder with `train/` and `val/`.
        tasks: Which of the three. Defaults to those that the folder has.
        segmentation: `"joint"`, or `"per_class"`: a mask task a class.
        classes: 13, or 40 (images only).
        size: Height and width to resize to; labels, depth and normals by
            nearest neighbour. Defaults to what is stored.
        validation: Training images held out: a count, or a fraction below 1.
            0 trains on all 795, as published.
        split_seed: Seed of what is held out, 0 or more.
        augmentation: What is done to training images and their labels at
            random: names or mappings of `flip`, `scale`, `crop`, `rotation`
            and `colour`, in order.
        cache: `"none"`, `"memory"` or `"disk"`: where decoded and resized
            files are kept.
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
        [Silberman et al., 2012](https://cs.nyu.edu/~fergus/datasets/nyu_depth_v2.html),
        in the form of [Liu et al., 2019](https://arxiv.org/abs/1803.10704)
    """
    check.choice("segmentation", segmentation, ("joint", "per_class"))
    if classes not in (13, 40):
        raise check.wrong("classes", "13 or 40", classes)
    side = image_side("size", size)
    folder = root(dir, WHAT)
    require_parts(folder, ("train/image", "val/image"), WHAT)
    chosen = _tasks(folder, tasks, classes)
    train, test = (
        _records(folder / part, chosen, classes, side, on_corrupt == "skip")
        for part in ("train", "val")
    )
    rest, held, count = held_out(train, validation, split_seed)
    return from_records(
        "nyuv2",
        {"train": rest, "validation": held, "test": test},
        _targets(chosen, segmentation, classes, train),
        batch_size=batch_size,
        seed=seed,
        options={
            "dir": dir,
            "tasks": list(chosen),
            "segmentation": segmentation,
            "classes": classes,
            "size": list(train.files["image"].shape[:2]),
            "validation": count,
            "split_seed": split_seed,
            "augmentation": list(augmentation),
            "cache": cache,
            "cache_dir": cache_dir,
            "on_corrupt": on_corrupt,
        },
    )


def _tasks(
    folder: Path, tasks: Sequence[str] | None, classes: int
) -> tuple[str, ...]:
    there = [task for task in TASKS if _home(folder / "train", task, classes)]
    if tasks is None:
        return tuple(there)
    for task in tasks:
        check.choice("tasks", task, TASKS)
        if task not in there:
            raise DataError(
                f"{folder / 'train'} has no {_FOLDERS[task]}/, which the task "
                f"{task!r} needs: expected {WHAT}. There are the tasks "
                f"{there}: choose among them by `data.tasks`."
            )
    if not tasks or len(set(tasks)) < len(tasks):
        raise check.wrong("tasks", f"some of {list(TASKS)}, once each", tasks)
    return tuple(tasks)


def _home(part: Path, task: str, classes: int) -> Path | None:
    """The folder with the labels of a task, if it is there."""
    names = [_FOLDERS[task]]
    if task == "segmentation":
        names = ["label40"] if classes == 40 else ["label13", "label"]
    return next((part / n for n in names if (part / n).is_dir()), None)


def _records(
    part: Path,
    tasks: Sequence[str],
    classes: int,
    size: tuple[int, int] | None,
    skip: bool,
) -> Records:
    stored_arrays = any((part / "image").glob("*.npy"))
    if stored_arrays and classes == 40:
        raise ConfigError(
            "`data.classes` is 40, but the arrays of MTAN have 13. Set "
            "`data.classes: 13`, or give the images."
        )
    suffixes = ARRAYS if stored_arrays else IMAGES
    kinds = {"image": by_stem(part / "image", suffixes)}
    for task in tasks:
        home = _home(part, task, classes) or part / _FOLDERS[task]
        kinds[task] = by_stem(home, suffixes)
    paths = matched(kinds)
    read = _arrays if stored_arrays else _images
    return Records(read(paths, size, skip))


def _arrays(
    paths: dict[str, list[str]], size: tuple[int, int] | None, skip: bool
) -> dict[str, Files]:
    files: dict[str, Files] = {
        name: array_files(
            listed,
            size,
            smooth=name == "image",
            class_ids=name == "segmentation",
            skip=skip,
        )
        for name, listed in paths.items()
    }
    if len({tuple(one.header.shape[:2]) for one in files.values()}) > 1:  # type: ignore[attr-defined]
        shapes = {n: f.header.shape for n, f in files.items()}  # type: ignore[attr-defined]
        raise DataError(
            f"The arrays beside {paths['image'][0]} differ in height or "
            f"width: {shapes}. Get the original files again."
        )
    return files


def _images(
    paths: dict[str, list[str]], size: tuple[int, int] | None, skip: bool
) -> dict[str, Files]:
    stored = check_sizes(paths, skip=skip)
    channels = {"image": 3, "normals": 3}
    return {
        name: ImageFiles(
            tuple(listed),
            size or stored,
            channels.get(name, 1),
            smooth=name == "image",
        )
        for name, listed in paths.items()
    }


def _targets(
    tasks: Sequence[str], segmentation: str, classes: int, train: Records
) -> list[Target]:
    is_image = isinstance(train.files["image"], ImageFiles)
    targets: list[Target] = []
    for task in tasks:
        if task == "segmentation":
            targets += _classes(segmentation, classes, is_image)
        elif task == "depth":
            spec = TaskSpec("depth", "depth", 1)
            targets.append(
                DepthMap(spec, "depth", _METRES if is_image else 1.0)
            )
        else:
            spec = TaskSpec("normals", "normals", 3)
            targets.append(NormalMap(spec, "normals"))
    return targets


def _classes(segmentation: str, count: int, is_image: bool) -> list[Target]:
    first = 1 if is_image and count == 13 else 0
    table = tuple(
        id_table(
            {first + label: label for label in range(count)},
            missing=(0, 255) if first else (255,),
        )
    )
    names = CLASSES if count == 13 else tuple(f"class_{i}" for i in range(40))
    if segmentation == "joint":
        spec = TaskSpec("segmentation", "segmentation", count, names)
        return [ClassMap(spec, "segmentation", table)]
    return [
        ClassMask(
            TaskSpec(name, "mask", 1, (name,)), "segmentation", table, label
        )
        for label, name in enumerate(names)
    ]
