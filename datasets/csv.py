"""Any table of text: columns as inputs, columns as tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_mtl.datasets import options as check
from keras_mtl.datasets.arrays import Part, from_arrays
from keras_mtl.datasets.files.folder_bounds import FolderBounds
from keras_mtl.datasets.files.listing import root
from keras_mtl.datasets.multi_task_data import MultiTaskData
from keras_mtl.datasets.tables.column_task import ColumnTask, column_task
from keras_mtl.datasets.tables.features import (
    ENCODINGS,
    Column,
    features,
    fit_columns,
)
from keras_mtl.datasets.tables.rows import PARTS, at_random, by_column
from keras_mtl.datasets.tables.table import (
    Format,
    Table,
    check_rows,
    joined,
    read_table,
)


def csv(
    tasks: dict[str, dict[str, Any]],
    file: str | list[str] | dict[str, str],
    batch_size: int = 256,
    seed: int = 0,
    dir: str | None = None,
    inputs: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    categorical: Sequence[str] = (),
    encoding: str = "one_hot",
    columns: Sequence[str] | None = None,
    delimiter: str = ",",
    missing: Sequence[str] = ("?",),
    comment: str | None = None,
    strip: str = "",
    split: str | None = None,
    group: str | None = None,
    validation: int | float = 0.1,
    test: int | float = 0.2,
    split_seed: int = 0,
) -> MultiTaskData:
    """A table in text files, plain or gzip.

    Columns of numbers are standardised with the mean and standard deviation
    of the training rows; other columns are categories, those of the training
    rows. A missing number becomes the mean, and a feature tells that it was
    missing; missing cells are a category of their own. A missing label has
    weight 0.

    Args:
        tasks: Task to its block: `kind` (`classification`, `binary` or
            `regression`); `column`, or `columns` for several outputs, by
            default the name of the task; `classes`, the cells of the classes
            in order, by default those of the training rows, sorted;
            `positive`, the cells of a binary task that mean yes;
            `standardise: true` for a regression.
        file: The table in `dir`; or a list of tables, one after the other; or
            `{train: ..., validation: ..., test: ...}`, the last two optional.
        batch_size: Samples in a batch.
        seed: Seed of the order of the training rows, 0 or more.
        dir: Folder with the files.
        inputs: The columns that are inputs. By default all that are neither
            a task's, nor `ignore`, `split` or `group`.
        ignore: Columns that are no inputs.
        categorical: Columns of categories whose cells look like numbers.
        encoding: `"one_hot"`, or `"ids"`: one feature a column, from 1, and 0
            for a category that is not in the training rows.
        columns: Names of the columns, for files without a header.
        delimiter: One character, or `"whitespace"`.
        missing: Cells that mean a missing value, besides the empty one.
        comment: Lines that begin with it are left out.
        strip: Characters cut off at the end of cells that are no numbers.
        split: A column that holds `train`, `validation` or `test`.
        group: A column whose groups of rows (a patient's, for one) stay in
            one part.
        validation: Rows held out, where neither `file` nor `split` says: a
            count, or a fraction below 1.
        test: Rows for test, likewise.
        split_seed: Seed of both, 0 or more. Rows are drawn with the
            proportions of the first task that has classes.

    Returns:
        Data with inputs of shape `(num_features,)`, float32.

    Raises:
        ConfigError: If an option is wrong.
        DataError: If a file is missing or damaged, or a row is wrong, by its
            line.
    """
    check.choice("encoding", encoding, ENCODINGS)
    check.integer("split_seed", split_seed, 0)
    form = Format(
        None if columns is None else tuple(columns),
        delimiter,
        tuple(missing),
        comment,
        strip,
    )
    folder = root(dir, "the tables that `data.file` names")
    parts = read_parts(
        folder,
        file,
        form,
        tasks,
        split,
        group,
        {"validation": validation, "test": test, "split_seed": split_seed},
    )
    train = parts["train"]
    check_rows(train, "training")
    made = [column_task(name, block, train) for name, block in tasks.items()]
    names = _inputs(train, made, inputs, [*ignore, split, group])
    learned = fit_columns(train, names, categorical, encoding)
    arrays = {
        part: _arrays(table, learned, made) if len(table) else None
        for part, table in parts.items()
    }
    return from_arrays(
        "csv",
        tasks=[task.spec for task in made],
        train=arrays["train"],  # type: ignore[arg-type]  # it has rows
        validation=arrays["validation"],
        test=arrays["test"],
        batch_size=batch_size,
        seed=seed,
        options={
            "dir": dir,
            "file": file,
            "tasks": tasks,
            "inputs": list(names),
            "categorical": list(categorical),
            "encoding": encoding,
            "split": split,
            "group": group,
            "validation": validation,
            "test": test,
            "split_seed": split_seed,
        },
    )


def read_parts(
    folder: Path,
    file: str | list[str] | dict[str, str],
    form: Format,
    tasks: Mapping[str, Any],
    split: str | None,
    group: str | None,
    options: Mapping[str, Any],
    option: str = "file",
) -> dict[str, Table]:
    """Reads tables and cuts them into training, validation and test.

    Args:
        folder: Where the files are.
        file: See `csv`.
        form: How they are written.
        tasks: Blocks of the tasks: the parts have the proportions of the
            first one with classes.
        split: A column that says the part, or `None`.
        group: A column whose groups stay together, or `None`.
        options: `validation`, `test` and `split_seed`.
        option: Name of the option `file`, for messages.

    Returns:
        `train`, `validation` and `test`, perhaps without rows.

    Raises:
        ConfigError: If an option is wrong.
        DataError: If a file is missing or damaged, or a row is wrong.
    """
    if not tasks:
        raise check.wrong("tasks", "one task or more", tasks)
    tables = _read(folder, file, form, option)
    if split is not None:
        return by_column(joined(list(tables.values())), split)
    return _cut(tables, tasks, group, options)


def _read(
    folder: Path,
    file: str | list[str] | dict[str, str],
    form: Format,
    option: str,
) -> dict[str, Table]:
    if isinstance(file, Mapping):
        if "train" not in file or not set(file) <= set(PARTS):
            raise check.wrong(
                option,
                "a name, a list, or a mapping with `train` and, if there "
                "are, `validation` and `test`",
                dict(file),
            )
        return {
            part: _read_one(folder, name, form, option)
            for part, name in file.items()
        }
    listed = [file] if isinstance(file, str) else list(file)
    if not listed:
        raise check.wrong(option, "one name or more", file)
    tables = [_read_one(folder, name, form, option) for name in listed]
    return {"train": joined(tables)}


def _read_one(folder: Path, name: str, form: Format, option: str) -> Table:
    path = folder / name
    if not FolderBounds(folder).holds(path):
        raise check.wrong(option, "files below `data.dir`", name)
    return read_table(path, form)


def _cut(
    tables: dict[str, Table],
    tasks: Mapping[str, Any],
    group: str | None,
    options: Mapping[str, Any],
) -> dict[str, Table]:
    """The table of every part; those that nobody named are cut off."""
    table = tables["train"]
    cut = [part for part in ("test", "validation") if part not in tables]
    counts = [check.count(part, options[part], len(table)) for part in cut]
    if sum(counts) >= len(table):
        raise check.wrong(
            "validation", "so small that rows are left to train on", counts
        )
    labels = _proportions(table, tasks)
    made = at_random(table, counts, options["split_seed"], labels, group)
    found = dict(zip(("train", *cut), made, strict=True))
    empty = table.take([])
    return {p: found.get(p, tables.get(p, empty)) for p in PARTS}


def _proportions(table: Table, tasks: Mapping[str, Any]) -> Any:
    """The classes of the first task that has some."""
    for name, block in tasks.items():
        kind = block.get("kind") if isinstance(block, Mapping) else None
        if kind in ("classification", "binary") and "columns" not in block:
            cells = table.column(block.get("column", name), f"tasks.{name}")
            return np.unique(cells, return_inverse=True)[1]
    return None


def _inputs(
    table: Table,
    tasks: Sequence[ColumnTask],
    inputs: Sequence[str] | None,
    others: Sequence[str | None],
) -> list[str]:
    used = {name for task in tasks for name in task.columns}
    if inputs is None:
        names = [
            name
            for name in table.columns
            if name not in used and name not in others
        ]
    else:
        names = list(inputs)
        both = sorted(used & set(names))
        if both:
            raise check.wrong("inputs", "columns that no task predicts", both)
    if not names:
        raise check.wrong("inputs", "one column or more", names)
    for name in others:
        if name is not None:
            table.column(name, "ignore")
    return names


def _arrays(
    table: Table, learned: Sequence[Column], tasks: Sequence[ColumnTask]
) -> Part:
    labels = {task.spec.name: task.labels(table) for task in tasks}
    return features(table, learned), labels
