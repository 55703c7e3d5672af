"""Any images, with a table of labels and of paths of maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.datasets import options as check
from keras_mtl.datasets.csv import read_parts
from keras_mtl.datasets.files.data_set import from_records, image_side
from keras_mtl.datasets.files.listing import root
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.tables.table import Format, check_rows
from keras_mtl.datasets.tables.table_records import TableRecords


def image_folder(
    tasks: dict[str, dict[str, Any]],
    table: str | list[str] | dict[str, str],
    image: str = "image",
    batch_size: int = 32,
    seed: int = 0,
    dir: str | None = None,
    size: Sequence[int] | None = None,
    channels: int = 3,
    columns: Sequence[str] | None = None,
    delimiter: str = ",",
    missing: Sequence[str] = (),
    split: str | None = None,
    group: str | None = None,
    validation: int | float = 0.1,
    test: int | float = 0.2,
    split_seed: int = 0,
    augmentation: Sequence[str | dict[str, Any]] = (),
    cache: str = "none",
    cache_dir: str | None = None,
    on_corrupt: str = "fail",
) -> MultiTaskData:
    """Images in a folder, with a table that says what is known of each.

    A file is named by a column that holds its path from `dir`, or by a path
    in which `{column}` stands for a cell: `masks/{name}_disc.png`. A label
    whose cell is empty, or whose file of such a path is not there, is missing
    and has weight 0.

    Tasks of one label an image are those of the data set `csv`. Those of a
    label a pixel name their file by `file`:

    - `kind: segmentation`: an image of ids 0..n-1, `classes: n` or a list of
      names; `ignore: [255]` are ids without a label.
    - `kind: mask`: an image, or a list of them, one a map: what is not 0 is
      a yes. A map that is missing beside others is empty.
    - `kind: depth`: an image; `scale` units in one of its levels.
    - `kind: normals`: an RGB image of `127.5 * (1 + n)`.

    Args:
        tasks: Task to its block.
        table: The table in `dir`, a list of tables, or `{train: ...,
            validation: ..., test: ...}`, the last two optional.
        image: Column or path of the image.
        batch_size: Samples in a batch.
        seed: Seed of the order of the training images, 0 or more.
        dir: Folder of the table and of all paths.
        size: Height and width to resize to. Defaults to those of the first
            training image.
        channels: 3 (RGB) or 1 (grey).
        columns: Names of the columns, for tables without a header.
        delimiter: One character, or `"whitespace"`.
        missing: Cells that mean a missing label, besides the empty one.
        split: A column that holds `train`, `validation` or `test`.
        group: A column whose groups of rows stay in one part.
        validation: Rows held out, where neither `table` nor `split` says.
        test: Rows for test, likewise.
        split_seed: Seed of both, 0 or more.
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
        Data with inputs `(height, width, channels)`, float32 in [0, 1].

    Raises:
        ConfigError: If an option is wrong.
        DataError: If a file is missing or damaged, or a row is wrong.
    """
    if channels not in (1, 3):
        raise check.wrong("channels", "1 or 3", channels)
    check.integer("split_seed", split_seed, 0)
    names = None if columns is None else tuple(columns)
    form = Format(names, delimiter, tuple(missing))
    folder = root(dir, "the images and the tables that `data.table` names")
    parts = read_parts(
        folder,
        table,
        form,
        tasks,
        split,
        group,
        {"validation": validation, "test": test, "split_seed": split_seed},
        option="table",
    )
    check_rows(parts["train"], "training")
    made = TableRecords(
        folder,
        parts["train"],
        image,
        tasks,
        image_side("size", size),
        channels,
        on_corrupt == "skip",
    )
    return from_records(
        "image_folder",
        {part: made.records(rows) for part, rows in parts.items() if len(rows)},
        made.targets,
        batch_size=batch_size,
        seed=seed,
        options={
            "dir": dir,
            "table": table,
            "image": image,
            "tasks": _plain(tasks),
            "size": list(made.size),
            "channels": channels,
            "split": split,
            "group": group,
            "validation": validation,
            "test": test,
            "split_seed": split_seed,
            "augmentation": list(augmentation),
            "cache": cache,
            "cache_dir": cache_dir,
            "on_corrupt": on_corrupt,
        },
    )


def _plain(tasks: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(block) for name, block in tasks.items()}
