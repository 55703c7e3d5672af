"""Writes predictions, each file whole or not at all."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from keras_mtl.cli.map_files import write_maps
from keras_mtl.runs.atomic import disk_errors, write_json, write_text


def write_predictions(
    path: Path, source: Path, task: str, rows: list[dict[str, Any]]
) -> None:
    """Writes the predictions of one task for one input.

    Args:
        path: File to write; its ending, `.json` or `.csv`, is the format.
        source: The input, for the record.
        task: Name of the task.
        rows: What `predictions` returned. Their maps become files beside it,
            and the rows name these.

    Raises:
        DataError: If the disk is full or read-only.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    rows = [_with_files(path, rows, index) for index in range(len(rows))]
    if path.suffix == ".csv":
        write_text(path, _csv(rows))
        return
    value = {"input": str(source), "task": task, "predictions": rows}
    write_json(path, value)


def _with_files(
    path: Path, rows: list[dict[str, Any]], index: int
) -> dict[str, Any]:
    """A row with the names of files in the place of its maps."""
    row = dict(rows[index])
    if "maps" not in row:
        return row
    # The number of the sample, where the input holds several.
    number = f".{index}" if len(rows) > 1 else ""
    stem = path.with_name(f"{path.stem}{number}")
    return {"files": write_maps(stem, row.pop("maps")), **row}


def _csv(rows: list[dict[str, Any]]) -> str:
    flat = [_flat(index, row) for index, row in enumerate(rows)]
    text = io.StringIO()
    writer = csv.DictWriter(text, flat[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue()


def _flat(index: int, row: dict[str, Any]) -> dict[str, Any]:
    """One line: the sample, its label or labels, a column a number."""
    flat: dict[str, Any] = {"sample": index}
    if "label" in row:
        flat["label"] = row["label"]
    if "labels" in row:
        flat["labels"] = " ".join(row["labels"])
    for name, value in row.get("probabilities", {}).items():
        flat[f"p({name})"] = value
    for name, value in row.get("files", {}).items():
        flat[f"file({name})"] = value
    for name, value in row.get("shares", {}).items():
        flat[f"share({name})"] = value
    for name, (row_, column) in row.get("centers", {}).items():
        flat[f"row({name})"], flat[f"column({name})"] = row_, column
    for position, value in enumerate(row.get("values", ())):
        flat[f"value_{position}"] = value
    return flat
