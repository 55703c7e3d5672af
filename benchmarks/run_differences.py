"""What two finished runs differ in, to the last bit.

Used by `kill_resume.py` and the tests.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np


def differences(whole: Path, other: Path) -> Iterator[str]:
    """What two finished runs differ in, one line each."""
    for name in ("last", "best"):
        path = f"checkpoints/{name}.weights.h5"
        files = [(run / path).read_bytes() for run in (whole, other)]
        yield from different_arrays(path, *files)
    models = [
        zipfile.ZipFile(run / "model.keras").read("model.weights.h5")
        for run in (whole, other)
    ]
    yield from different_arrays("model.keras", *models)
    rows = [_history(run / "history.csv") for run in (whole, other)]
    if rows[0] != rows[1]:
        yield f"history.csv: {rows[0]} and {rows[1]}"
    texts = [(run / "metrics.json").read_text() for run in (whole, other)]
    if texts[0] != texts[1]:
        yield f"metrics.json: {texts[0]} and {texts[1]}"
    left = [str(path) for path in other.rglob(".tmp-*")]
    if left:
        yield f"left behind: {left}"


def different_arrays(name: str, one: bytes, other: bytes) -> Iterator[str]:
    """The arrays in which two HDF5 files differ, one line each."""
    arrays = [_arrays(data) for data in (one, other)]
    if not arrays[0] or arrays[0].keys() != arrays[1].keys():
        yield f"{name}: entries {sorted(arrays[0].keys() ^ arrays[1].keys())}"
        return
    for key, value in arrays[0].items():
        if value.tobytes() != arrays[1][key].tobytes():
            yield f"{name}: {key}"


def _arrays(data: bytes) -> dict[str, Any]:
    import h5py

    found: dict[str, Any] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = np.asarray(item[()])

    with h5py.File(io.BytesIO(data), "r") as file:
        file.visititems(visit)
    return found


def _history(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [
            {name: cell for name, cell in row.items() if name != "seconds"}
            for row in csv.DictReader(file)
        ]
