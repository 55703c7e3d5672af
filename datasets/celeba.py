"""CelebA: forty attributes of faces, as eight groups or forty tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets import options as check
from keras_mtl.datasets.files.data_set import from_records, image_side
from keras_mtl.datasets.files.image_files import ImageFiles
from keras_mtl.datasets.files.image_sizes import first_size
from keras_mtl.datasets.files.listing import by_stem, root
from keras_mtl.datasets.files.records import Records
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.targets.column_label import ColumnLabel
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.errors import DataError

WHAT = (
    "img_align_celeba/, list_attr_celeba.txt and list_eval_partition.txt of "
    "CelebA (https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html)"
)
NUM_ATTRIBUTES = 40
GROUPS = {
    "global": (2, 10, 13, 14, 18, 20, 25, 26, 39),
    "eyes": (3, 15, 23, 1, 12),
    "hair": (4, 5, 8, 9, 11, 17, 28, 32, 33),
    "mouth": (6, 21, 31, 36),
    "nose": (7, 27),
    "beard": (0, 16, 22, 24, 30),
    "cheeks": (19, 29),
    "wearings": (34, 35, 37, 38),
}
_PARTS = ("train", "validation", "test")


def celeba(
    batch_size: int = 256,
    seed: int = 0,
    dir: str | None = None,
    tasks: str = "groups",
    size: Sequence[int] = (64, 64),
    augmentation: Sequence[str | dict[str, Any]] = (),
    cache: str = "none",
    cache_dir: str | None = None,
    on_corrupt: str = "fail",
) -> MultiTaskData:
    """CelebA: 162,770 training, 19,867 validation and 19,962 test images.

    `tasks: groups`: eight yes/no tasks, each with the attributes of a part
    of the face; `tasks: attributes`: each of the forty alone.

    Args:
        batch_size: Samples in a batch.
        seed: Seed of the order of the training images, 0 or more.
        dir: Folder with `img_align_celeba/`, `list_attr_celeba.txt` and
            `list_eval_partition.txt`, or with the folders `Img/`, `Anno/` and
            `Eval/` that these come in.
        tasks: `"groups"` or `"attributes"`.
        size: Height and width that the images of 218x178 are resized to.
        augmentation: What is done to training images and their labels at
            random: names or mappings of `flip`, `scale`, `crop`, `rotation`
            and `colour`, in order.
        cache: `"none"`, `"memory"` or `"disk"`: where decoded and resized
            images are kept.
        cache_dir: Folder of the caches on disk. Defaults to the environment
            variable `KERAS_MTL_CACHE`, or `~/.cache/keras_mtl`.
        on_corrupt: `"fail"`, or `"skip"`: decode every image first, and leave
            out those that cannot be read.

    Returns:
        Data with inputs `(height, width, 3)`, float32 in [0, 1].

    Raises:
        ConfigError: If an option is wrong.
        DataError: If files are missing, damaged or do not agree.

    Reference:
        [Liu et al., 2015](https://arxiv.org/abs/1411.7766)
    """
    check.choice("tasks", tasks, ("groups", "attributes"))
    side = image_side("size", size)
    folder = root(dir, WHAT)
    images = by_stem(_find(folder, "img_align_celeba"), (".jpg", ".png"))
    names, files, values = read_attributes(
        _find(folder, "list_attr_celeba.txt")
    )
    partition = read_partition(_find(folder, "list_eval_partition.txt"), files)
    paths = _paths(files, images, folder)
    groups = GROUPS
    if tasks == "attributes":
        groups = {name: (index,) for index, name in enumerate(names)}
    tables = {task: values[:, list(groups[task])] for task in groups}
    tables["known"] = np.ones(len(files), bool)
    stored = first_size(paths, on_corrupt == "skip")
    image = ImageFiles(paths, side or (64, 64), stored=stored)
    whole = Records({"image": image}, tables)
    return from_records(
        "celeba",
        {
            part: whole.take(np.flatnonzero(partition == number))
            for number, part in enumerate(_PARTS)
        },
        [
            ColumnLabel(
                TaskSpec(task, "binary", len(of), tuple(names[i] for i in of)),
                task,
                "known",
            )
            for task, of in groups.items()
        ],
        batch_size=batch_size,
        seed=seed,
        options={
            "dir": dir,
            "tasks": tasks,
            "size": list(side or ()),
            "augmentation": list(augmentation),
            "cache": cache,
            "cache_dir": cache_dir,
            "on_corrupt": on_corrupt,
        },
    )


def read_attributes(
    path: Path,
) -> tuple[list[str], list[str], NDArray[np.float32]]:
    """Reads `list_attr_celeba.txt`.

    Args:
        path: The file: the number of images, the names, then a line each.

    Returns:
        Names of the attributes, of the images, and the attributes as 0 and 1,
        shape `(num_images, 40)`.

    Raises:
        DataError: If it is not of this form, with the line.
    """
    lines = _lines(path)
    names = lines[1].split() if len(lines) > 1 else []
    if len(names) != NUM_ATTRIBUTES:
        raise DataError(
            f"{path}, line 2: expected the names of {NUM_ATTRIBUTES} "
            f"attributes. Received: {len(names)}. Get the original file again."
        )
    rows = [line.split() for line in lines[2:]]
    for number, row in enumerate(rows, 3):
        wrong = [cell for cell in row[1:] if cell not in ("1", "-1")]
        if wrong or len(row) != NUM_ATTRIBUTES + 1:
            raise DataError(
                f"{path}, line {number}: expected a file and "
                f"{NUM_ATTRIBUTES} times 1 or -1. Received: {len(row) - 1} "
                f"values{f', {wrong[0]!r} among them' if wrong else ''}. Get "
                "the original file again."
            )
    if lines[0].strip() != str(len(rows)):
        raise DataError(
            f"{path}: its first line announces {lines[0].strip()!r} images, "
            f"and {len(rows)} follow. Get the original file again."
        )
    values = np.array([row[1:] for row in rows]) == "1"
    return names, [row[0] for row in rows], values.astype(np.float32)


def read_partition(path: Path, files: Sequence[str]) -> NDArray[np.int64]:
    """Reads `list_eval_partition.txt`.

    Args:
        path: The file: a line an image, with 0, 1 or 2.
        files: Names of the images, in order.

    Returns:
        0 (training), 1 (validation) or 2 (test) for each of `files`.

    Raises:
        DataError: If a line is not of this form, or an image is missing.
    """
    parts: dict[str, int] = {}
    for number, line in enumerate(_lines(path), 1):
        cells = line.split()
        if len(cells) != 2 or cells[1] not in ("0", "1", "2"):
            raise DataError(
                f"{path}, line {number}: expected a file and 0, 1 or 2. "
                f"Received: {line!r}. Get the original file again."
            )
        parts[cells[0]] = int(cells[1])
    missing = [name for name in files if name not in parts]
    if missing:
        raise DataError(
            f"{path} lacks {len(missing)} image(s) that the attributes name; "
            f"the first is {missing[0]}. Get the original files again."
        )
    return np.array([parts[name] for name in files], np.int64)


def _paths(
    files: Sequence[str], images: dict[str, str], folder: Path
) -> tuple[str, ...]:
    """The image of each line of the attributes, none left over."""
    stems = [Path(name).stem for name in files]
    missing = [stem for stem in stems if stem not in images]
    if missing:
        raise DataError(
            f"{folder} lacks {len(missing)} of the {len(files)} images that "
            f"list_attr_celeba.txt names; the first is {missing[0]}. Unpack "
            "img_align_celeba.zip again."
        )
    extra = sorted(set(images) - set(stems))
    if extra:
        raise DataError(
            f"{len(extra)} image(s) have no line in list_attr_celeba.txt; the "
            f"first is {images[extra[0]]}. Get the original file again."
        )
    return tuple(images[stem] for stem in stems)


def _find(folder: Path, name: str) -> Path:
    for home in (folder, *(folder / sub for sub in ("Img", "Anno", "Eval"))):
        if (home / name).exists():
            return home / name
    raise DataError(
        f"{folder} lacks {name}: expected {WHAT}. Unpack the release again."
    )


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
