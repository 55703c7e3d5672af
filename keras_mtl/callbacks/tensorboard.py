"""Curves, configuration and hyperparameters for TensorBoard."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
from tensorboard.plugins.text.summary_v2 import text_pb

from keras_mtl.callbacks import hyperparameters
from keras_mtl.callbacks.cosine_means import CosineMeans
from keras_mtl.callbacks.event_images import image_summary
from keras_mtl.callbacks.event_log import EventLog
from keras_mtl.callbacks.loss_window import LossWindow
from keras_mtl.callbacks.prediction_panels import PredictionPanels
from keras_mtl.callbacks.tags import VALIDATION, tag, tasks_in
from keras_mtl.callbacks.training_step import training_step
from keras_mtl.typing import Logs

_MATRIX = "Mean cosines of an epoch: blue along, red against each other."
# A long training has panels of so many epochs.
_MOST_PANELS = 100


class TensorBoard(keras.callbacks.Callback):
    """Writes curves that go on where they stopped when training is resumed.

    The step of every point is the number of training batches done. Every
    `log_every` batches, and at the end of an epoch, `train` gets `loss/total`
    and `loss/<task>` (means since the point before), `learning_rate`,
    `speed/steps_per_second`, what `trainer.telemetry` measures and the state
    of other callbacks. After an epoch, `train` and `validation` get
    `metric/<task>/<name>`, and validation the losses, under the same tags;
    `train` a picture `cosine/matrix` of the epoch's mean cosines, if they are
    measured; and `validation` pictures `prediction/<task>` of tasks with an
    output a pixel, in an epoch of so many that there are 100 at most. Works
    with any compiled Keras model.

    Args:
        log_dir: Folder; the curves go to its `train` and `validation`.
        log_every: Training batches between two points.
        config_text: Configuration, shown in the text tab.
        hparams: Hyperparameters by name, for the HParams tab. Runs with equal
            ones, such as repetitions with other seeds, form a group.
        sources: Callbacks with a method `state`, from names in the logs to
            numbers, such as `CoveredDistance` and `Roaming`; others are left
            out.
        panels: What to draw predictions of; `None` draws nothing.

    Raises:
        ValueError: If `log_every` is less than 1.

    Example:
        trainer.fit(data, callbacks=[TensorBoard("runs/a")])
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        log_every: int = 50,
        config_text: str | None = None,
        hparams: Mapping[str, Any] | None = None,
        sources: Sequence[Any] = (),
        panels: PredictionPanels | None = None,
    ) -> None:
        super().__init__()
        if log_every < 1:
            raise ValueError(
                f"`log_every` must be at least 1. Received: {log_every}."
            )
        self.log_dir = Path(log_dir)
        self.log_every = log_every
        self.config_text = config_text
        self.hparams = hyperparameters.hyperparameters(hparams or {})
        self.sources = [s for s in sources if hasattr(s, "state")]
        self.panels = panels
        self._cosines = CosineMeans(())
        self._logs: dict[str, EventLog] = {}
        self._has_session = False
        self._is_training = False
        # Tags that telemetry writes, and the logs need not repeat.
        self._measured: set[str] = set()

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Opens the logs at the step that training starts from."""
        self.close()
        step = training_step(self.model)
        self._logs = {
            name: EventLog(self.log_dir / name, step)
            for name in ("", "train", "validation")
        }
        self._losses = LossWindow(self.model)
        self._has_session = False
        if self.config_text is not None:
            fenced = f"```yaml\n{self.config_text}\n```"
            self._logs[""].summary(text_pb("config", fenced), step)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Starts the clock."""
        self._losses.start()
        self._cosines = CosineMeans(getattr(self.model, "tasks", ()))
        # Counted here, since reading the counter waits for the device.
        self._epoch_step = training_step(self.model)
        self._start_window(self._epoch_step)
        self._is_training = True

    def on_train_batch_begin(
        self, batch: int, logs: Logs | None = None
    ) -> None:
        """Writes a point, if it is time.

        At the begin of the next batch rather than the end of this one, since
        Keras then does not wait for the values of every batch.
        """
        step = self._epoch_step + batch
        if step - self._window_step >= self.log_every:
            self._write_window(step)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Writes the rest of the epoch before validation resets the values."""
        self._finish_epoch()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Writes the metrics of an epoch."""
        self._finish_epoch()
        logs, step = dict(logs or {}), training_step(self.model)
        tasks = tuple(getattr(self.model, "tasks", ())) or tasks_in(logs)
        train, validation = {}, {}
        for key, value in logs.items():
            name = tag(key, tasks)
            if key.startswith(VALIDATION):
                validation[name] = value
            elif not name.startswith("loss/") and name not in self._measured:
                train[name] = value
        self._logs["train"].scalars(train, step)
        self._logs["validation"].scalars(validation, step)
        self._start_session({*train, *validation}, step)
        self._draw(epoch, step)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Closes the logs."""
        if self._has_session:
            step = training_step(self.model)
            self._logs[""].summary(hyperparameters.session_end(), step)
        self.close()

    def close(self) -> None:
        """Writes out what is pending; also for training that was stopped."""
        for log in self._logs.values():
            log.close()

    def _finish_epoch(self) -> None:
        if not self._is_training:
            return
        self._is_training = False
        step = training_step(self.model)
        if step > self._window_step:
            self._write_window(step)

    def _write_window(self, step: int) -> None:
        tasks = tuple(getattr(self.model, "tasks", ()))
        losses = self._losses.read()
        tasks = tasks or tasks_in(losses)
        values = {tag(key, tasks): value for key, value in losses.items()}
        rate = getattr(self.model.optimizer, "learning_rate", None)
        if rate is not None:
            values["learning_rate"] = float(rate)
        elapsed = time.perf_counter() - self._window_begun
        steps = step - self._window_step
        values["speed/steps_per_second"] = steps / max(elapsed, 1e-9)
        measured = self._telemetry()
        self._cosines.add(measured, steps)
        self._logs["train"].scalars({**values, **measured}, step)
        self._start_window(step)

    def _start_window(self, step: int) -> None:
        self._window_step = step
        self._window_begun = time.perf_counter()

    def _telemetry(self) -> dict[str, float]:
        values = {
            tag(key, ()): float(value)
            for source in self.sources
            for key, value in source.state().items()
        }
        telemetry = getattr(self.model, "telemetry", None)
        if telemetry is not None:
            values |= {k: float(v) for k, v in telemetry.result().items()}
            telemetry.reset()
        self._measured = set(values)
        return values

    def _draw(self, epoch: int, step: int) -> None:
        """Writes the pictures of an epoch."""
        image = self._cosines.draw()
        if image is not None:
            self._logs["train"].summary(
                image_summary("cosine/matrix", image, _MATRIX), step
            )
        epochs = self.params.get("epochs") or 1
        every = math.ceil(epochs / _MOST_PANELS)
        if self.panels is None or (epoch + 1) % every:
            return
        for task, panel in self.panels.draw(self.model).items():
            summary = image_summary(f"prediction/{task}", panel)
            self._logs["validation"].summary(summary, step)

    def _start_session(self, tags: set[str], step: int) -> None:
        """Declares the run to HParams, once its metrics are known."""
        if self._has_session or not self.hparams:
            return
        self._has_session = True
        shown = sorted(name for name in tags if not name.startswith("weight/"))
        for summary in (
            hyperparameters.experiment(self.hparams, shown),
            hyperparameters.session_start(self.hparams),
        ):
            self._logs[""].summary(summary, step)
