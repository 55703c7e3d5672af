"""Writes history.csv."""

from __future__ import annotations

import os
import time
from pathlib import Path

import keras

from keras_mtl.callbacks.training_step import training_step
from keras_mtl.runs.history import Row, read_history, write_history
from keras_mtl.typing import Logs


class HistoryCSV(keras.callbacks.Callback):
    """Writes one row an epoch; the file is replaced in one step.

    Columns are `epoch` (epochs done), `step` (training batches done in all),
    `seconds` (wall time of the epoch and its validation; of the rest, if it
    was interrupted), and the logs. Rows of the epochs that are trained again
    are replaced.

    Args:
        path: The CSV file; rows that are in it are kept.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__()
        self.path = Path(path)
        self.rows: list[Row] = []
        self._begun = 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Reads the rows that are there."""
        self.rows = read_history(self.path)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Starts the clock."""
        self._begun = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Adds the row of the epoch."""
        row: Row = {
            "epoch": epoch + 1,
            "step": training_step(self.model),
            "seconds": round(time.perf_counter() - self._begun, 3),
            **(logs or {}),
        }
        kept = [old for old in self.rows if old["epoch"] <= epoch]
        self.rows = [*kept, row]
        write_history(self.path, self.rows)
