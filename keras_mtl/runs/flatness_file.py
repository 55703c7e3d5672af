"""flatness.csv: losses of a run under noise on the encoders."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from keras_mtl.runs.atomic import write_text

NAME = "flatness.csv"


def write_flatness(
    folder: Path, curves: Mapping[str, Mapping[float, float]]
) -> Path:
    """Replaces the flatness.csv of a run.

    Args:
        folder: The run folder.
        curves: Task to bound of the noise to mean loss.

    Returns:
        The file, with the columns `task`, `bound` and `loss`.

    Raises:
        DataError: If it cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["task", "bound", "loss"])
    for task, curve in curves.items():
        writer.writerows([task, bound, loss] for bound, loss in curve.items())
    path = folder / NAME
    write_text(path, text.getvalue())
    return path
