"""IDRiD: two gradings, and masks of some of the images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_mtl.datasets.files.data_set import (
    from_records,
    held_out,
    image_side,
)
from keras_mtl.datasets.files.listing import by_stem, require_parts, root
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.tables.table import Format, Table, joined, read_table
from keras_mtl.datasets.tables.table_records import TableRecords

WHAT = (
    '"A. Segmentation" and "B. Disease Grading" of IDRiD '
    "(https://idrid.grand-challenge.org)"
)
_A = "A. Segmentation"
_B = "B. Disease Grading"
_IMAGES = "1. Original Images"
_MASKS = f"{_A}/2. All Segmentation Groundtruths"
_PARTS = {"train": "a. Training Set", "test": "b. Testing Set"}
_GRADES = {
    "train": "a. IDRiD_Disease Grading_Training Labels.csv",
    "test": "b. IDRiD_Disease Grading_Testing Labels.csv",
}
LESIONS = {
    "MA": "1. Microaneurysms",
    "HE": "2. Haemorrhages",
    "EX": "3. Hard Exudates",
    "SE": "4. Soft Exudates",
}
_DISC = ("OD", "5. Optic Disc")
_COLUMNS = ("image", "retinopathy", "edema", "disc", *LESIONS)
TASKS: dict[str, dict[str, Any]] = {
    "retinopathy": {"kind": "classification", "classes": list("01234")},
    "edema": {"kind": "classification", "classes": list("012")},
    "disc": {"kind": "mask", "file": "disc"},
    "lesions": {"kind": "mask", "file": list(LESIONS)},
}


def idrid(
    batch_size: int = 16,
    seed: int = 0,
    dir: str | None = None,
    size: Sequence[int] = (192, 288),
    validation: int | float = 0.1,
    split_seed: int = 0,
    augmentation: Sequence[str | dict[str, Any]] = (),
    cache: str = "none",
    cache_dir: str | None = None,
    on_corrupt: str = "fail",
) -> MultiTaskData:
    """IDRiD: 467 training and 130 test images of the retina.

    Four tasks, none of which every image is labelled for: `retinopathy`
    (grades 0 to 4) and `edema` (risk 0 to 2) of the 413 + 103 images of part
    B, `disc` and `lesions` (masks of microaneurysms, haemorrhages, hard and
    soft exudates) of the 54 + 27 images of part A. A lesion without a file
    is one that the image does not show.

    Args:
        batch_size: Samples in a batch.
        seed: Seed of the order of the training images, 0 or more.
        dir: Folder with the parts A and B, named as in the release.
        size: Height and width to resize to; masks by nearest neighbour.
        validation: Training images held out: a count, or a fraction below 1.
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
        Data with inputs `(height, width, 3)`, float32 in [0, 1].

    Raises:
        ConfigError: If an option is wrong.
        DataError: If files are missing or damaged, or a grade is none.

    Reference:
        [Porwal et al., 2018](https://doi.org/10.3390/data3030025)
    """
    side = image_side("size", size)
    folder = root(dir, WHAT)
    require_parts(folder, (_A, _B), WHAT)
    tables = {part: _table(folder, part) for part in _PARTS}
    skip = on_corrupt == "skip"
    made = TableRecords(folder, tables["train"], "image", TASKS, side, 3, skip)
    train, test = (made.records(tables[part]) for part in _PARTS)
    rest, held, count = held_out(train, validation, split_seed)
    return from_records(
        "idrid",
        {"train": rest, "validation": held, "test": test},
        made.targets,
        batch_size=batch_size,
        seed=seed,
        options={
            "dir": dir,
            "size": list(made.size),
            "validation": count,
            "split_seed": split_seed,
            "augmentation": list(augmentation),
            "cache": cache,
            "cache_dir": cache_dir,
            "on_corrupt": on_corrupt,
        },
    )


def _table(folder: Path, part: str) -> Table:
    """The images of both parts, with what is known of each."""
    return joined([_graded(folder, part), _segmented(folder, part)])


def _graded(folder: Path, part: str) -> Table:
    path = folder / _B / "2. Groundtruths" / _GRADES[part]
    grades = read_table(path, Format())
    names = grades.column(grades.columns[0])
    images = tuple(f"{_B}/{_IMAGES}/{_PARTS[part]}/{n}.jpg" for n in names)
    nothing = ("",) * len(grades)
    cells = (images, *(grades.column(c) for c in grades.columns[1:3]))
    rest = len(_COLUMNS) - len(cells)
    return Table(
        _COLUMNS, (*cells, *(nothing,) * rest), grades.places, grades.read_from
    )


def _segmented(folder: Path, part: str) -> Table:
    home = folder / _A / _IMAGES / _PARTS[part]
    stems = list(by_stem(home, (".jpg",)))
    images = [f"{_A}/{_IMAGES}/{_PARTS[part]}/{stem}.jpg" for stem in stems]
    kinds = dict([_DISC, *LESIONS.items()])
    cells = [images, [""] * len(stems), [""] * len(stems)]
    for code, name in kinds.items():
        masks = f"{_MASKS}/{_PARTS[part]}/{name}"
        there = by_stem(folder / masks, (".tif",), f"_{code}")
        cells.append(
            [
                f"{masks}/{stem}_{code}.tif" if stem in there else ""
                for stem in stems
            ]
        )
    places = [(str(folder / image), 1) for image in images]
    return Table(_COLUMNS, tuple(tuple(c) for c in cells), places, (str(home),))
