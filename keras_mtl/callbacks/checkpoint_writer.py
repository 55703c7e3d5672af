"""Saves the whole training state."""

from __future__ import annotations

import dataclasses
import difflib
import os
from typing import Any

import keras

from keras_mtl.callbacks.training_step import training_step
from keras_mtl.errors import ConfigError
from keras_mtl.runs.checkpoint import Checkpoint
from keras_mtl.runs.checkpoints import Checkpoints
from keras_mtl.runs.metric_state import metric_state, restore_metrics
from keras_mtl.runs.monitor import direction, improves
from keras_mtl.typing import Logs


class CheckpointWriter(keras.callbacks.Callback):
    """Writes the last and the best checkpoint after epochs, or within.

    List it after the callbacks that change state, and before those that read
    metrics in the middle of an epoch. Read the files back with
    `keras_mtl.runs.Checkpoints`.

    Args:
        folder: Folder of the checkpoints.
        monitor: Key of the logs that tells which epoch is best; `None` keeps
            no best checkpoint.
        mode: `"min"`, `"max"`, or `"auto"` to tell by the name.
        every: Epochs between two checkpoints; there is always one after the
            last epoch.
        every_batches: Training batches between two checkpoints within an
            epoch, each in place of the last; `None` for none.
        start: Where training starts, if it is resumed.

    Raises:
        ConfigError: If the direction of `monitor` is not clear, `every` is
            or `every_batches` is less than 1, or, in training, the logs lack
            `monitor`.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        monitor: str | None = "val_loss",
        mode: str = "auto",
        every: int = 1,
        every_batches: int | None = None,
        start: Checkpoint | None = None,
    ) -> None:
        super().__init__()
        if every < 1:
            raise ConfigError(
                "`checkpoint_every` must be at least 1 epoch. Received: "
                f"{every}."
            )
        if every_batches is not None and every_batches < 1:
            raise ConfigError(
                "`checkpoint_every_batches` must be at least 1, or null for "
                f"none. Received: {every_batches}."
            )
        self.checkpoints = Checkpoints(folder)
        self.monitor = monitor
        self.mode = direction(monitor, mode) if monitor else "min"
        self.every = every
        self.every_batches = every_batches
        self.start = start
        self.epoch = 0
        self.best: float | None = None
        # Training batches the model had done when this run, and when the
        # epoch at hand, began.
        self._run_origin = 0
        self._trained: list[Any] = []
        self._epoch_origin = 0
        self._is_checked = False
        self._saved_at = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Finds the place."""
        best = self.checkpoints.best() if self.start is not None else None
        self.best = best.best if best is not None else None
        start = self.start or Checkpoint(step=training_step(self.model))
        self.epoch = start.epoch
        self._run_origin = start.step - start.batches
        self._epoch_origin = start.step - start.batch

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Puts back the metrics of an epoch that was interrupted."""
        self._saved_at = 0
        start, self.start = self.start, None
        if start is not None and start.metrics:
            restore_metrics(self.model, start.metrics)

    def on_train_batch_begin(
        self, batch: int, logs: Logs | None = None
    ) -> None:
        """Saves, if it is time.

        Checks early, too, that the monitored value will be there.
        """
        if batch > 0 and not self._is_checked:
            self._is_checked = True
            if self.monitor and not self.monitor.startswith("val_"):
                self._check_monitor(self.model.get_metrics_result())
        if self.every_batches and batch - self._saved_at >= self.every_batches:
            self._saved_at = batch
            if not self._has_diverged():
                self.save()

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Keeps the values of training, which validation resets."""
        self._trained = metric_state(self.model)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Saves, if it is time or the epoch is the best so far."""
        logs = dict(logs or {})
        self.epoch = epoch + 1
        self._epoch_origin = training_step(self.model)
        self._trained = []
        better = self._is_better(logs)
        is_end = self.epoch == self.params.get("epochs")
        due = self.epoch % self.every == 0 or is_end or self.model.stop_training
        if better or due:
            place = dataclasses.replace(self.place(), logs=logs)
            self.checkpoints.save(self.model, place, last=due, best=better)

    def save(self) -> Checkpoint:
        """Writes the last checkpoint now, between two batches.

        Returns:
            Where it stands.
        """
        place = self.place()
        self.checkpoints.save(self.model, place)
        return place

    def place(self) -> Checkpoint:
        """Where training stands."""
        step = training_step(self.model)
        batch = step - self._epoch_origin
        metrics = self._trained or (metric_state(self.model) if batch else [])
        return Checkpoint(
            epoch=self.epoch,
            batch=batch,
            step=step,
            batches=step - self._run_origin,
            best=self.best,
            metrics=metrics,
        )

    def _has_diverged(self) -> bool:
        """Whether a trainer met a loss that is not finite."""
        divergence = getattr(self.model, "divergence", None)
        return divergence is not None and divergence() is not None

    def _is_better(self, logs: Logs) -> bool:
        if self.monitor is None:
            return False
        self._check_monitor(logs)
        value = float(logs[self.monitor])
        if not improves(value, self.best, self.mode):
            return False
        self.best = value
        return True

    def _check_monitor(self, logs: Logs) -> None:
        if self.monitor in logs:
            return
        near = difflib.get_close_matches(str(self.monitor), logs, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ConfigError(
            f"`monitor` is {self.monitor!r}, which is not logged. Expected "
            f"one of {sorted(logs)}.{hint}"
        )
