"""Damaged data files, and what comes of them. Used by `fuzzing.py`."""

from __future__ import annotations

import gzip
import random
import struct
from pathlib import Path
from typing import Any

import numpy as np
from damage import damage, outcome

from keras_mtl.errors import ConfigError, DataError


def idx_files(folder: Path, chance: random.Random) -> str:
    """One of the four files of MNIST's form, damaged."""
    paths = []
    for stem, count in (("train", 12), ("t10k", 4)):
        labels = np.arange(count, dtype=np.uint8) % 10
        images = np.zeros((count, 28, 28), np.uint8)
        for part, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = struct.pack(">BBBB", 0, 0, 8, array.ndim)
            header += struct.pack(f">{array.ndim}I", *array.shape)
            data = header + array.tobytes()
            is_plain = chance.random() < 0.5
            path = folder / f"{stem}-{part}-ubyte{'' if is_plain else '.gz'}"
            path.write_bytes(data if is_plain else gzip.compress(data))
            paths.append(path)
    damage(paths, chance)
    return read("mnist_tasks", folder, batch_size=2, validation=2)


def csv_files(folder: Path, chance: random.Random) -> str:
    """A table of text, damaged."""
    rows = [
        "age,job,left,right",
        *(f"{i},{'ab'[i % 2]},{i % 2},{i / 3:.2f}" for i in range(12)),
    ]
    data = "\n".join(rows).encode()
    is_packed = chance.random() < 0.2
    path = folder / "table.csv"
    path.write_bytes(gzip.compress(data) if is_packed else data)
    damage([path], chance)
    tasks = {"left": {"kind": "binary"}, "right": {"kind": "regression"}}
    return read("csv", folder, file="table.csv", tasks=tasks, batch_size=2)


def image_files(folder: Path, chance: random.Random) -> str:
    """Images, masks and their table, damaged."""
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    suffix = chance.choice(("png", "jpg"))
    rows, paths = ["image,mask,label"], []
    for index in range(4):
        for name, array in (
            (f"{index}.{suffix}", pixels),
            (f"mask{index}.png", pixels[..., 0] // 128),
        ):
            Image.fromarray(array).save(folder / name)
            paths.append(folder / name)
        rows.append(f"{index}.{suffix},mask{index}.png,{index % 2}")
    table = folder / "table.csv"
    table.write_text("\n".join(rows))
    damage([*paths, table], chance)
    return read(
        "image_folder",
        folder,
        table="table.csv",
        tasks={
            "label": {"kind": "binary"},
            "mask": {
                "kind": chance.choice(("mask", "depth")),
                "file": "mask",
            },
        },
        batch_size=1,
        validation=1,
        test=1,
    )


def npy_files(folder: Path, chance: random.Random) -> str:
    """Arrays in the layout of NYUv2, damaged."""
    fields = {
        "image": np.full((4, 4, 3), 0.5),
        "label": np.ones((4, 4)),
        "depth": np.ones((4, 4, 1)),
        "normal": np.full((4, 4, 3), 3**-0.5),
    }
    paths = []
    for part, count in (("train", 2), ("val", 1)):
        for kind, array in fields.items():
            (folder / part / kind).mkdir(parents=True)
            for index in range(count):
                paths.append(folder / part / kind / f"{index}.npy")
                np.save(paths[-1], array.astype(np.float32))
    damage(paths, chance)
    return read("nyuv2", folder, batch_size=1, validation=0)


def read(name: str, folder: Path, **options: Any) -> str:
    """Loads a data set and reads every split, as training does."""
    from keras_mtl.datasets import load as load_data

    def whole() -> None:
        data = load_data(name, dir=str(folder), **options)
        with data.reading():
            for split in (data.train, data.validation, data.test):
                for _ in split.dataset() if split is not None else ():
                    pass

    return outcome(whole, DataError, ConfigError)
