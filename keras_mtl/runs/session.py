"""Training in a run folder, from wherever it stands."""

from __future__ import annotations

from typing import Any

import keras

from keras_mtl.callbacks import (
    CheckpointWriter,
    HistoryCSV,
    ProgressLine,
    StopOnDivergence,
    StopOnSignal,
    TaskWeightLogger,
    TensorBoard,
)
from keras_mtl.callbacks.prediction_panels import PredictionPanels
from keras_mtl.callbacks.training_step import training_step
from keras_mtl.errors import ConfigError, DataError
from keras_mtl.runs.atomic import remove_temporary
from keras_mtl.runs.checkpoint import Checkpoint
from keras_mtl.runs.checkpoints import Checkpoints
from keras_mtl.runs.folder import RunFolder
from keras_mtl.runs.history import write_history
from keras_mtl.runs.manifest import described
from keras_mtl.runs.reporting import say
from keras_mtl.runs.stop_signals import StopSignals
from keras_mtl.runs.training_options import TrainingOptions


class Session:
    """One process's share of a run.

    The place in the data is the number of batches the run has done, whatever
    an epoch is: with `limit_batches`, the epochs go on through the data.

    Args:
        trainer: A compiled trainer.
        data: What to train on.
        run: Where everything is written; locked.
        options: How to train.
        signals: Say whether to stop.
    """

    def __init__(
        self,
        trainer: Any,
        data: Any,
        run: RunFolder,
        options: TrainingOptions,
        signals: StopSignals,
    ) -> None:
        self.trainer = trainer
        self.data = data
        self.run = run
        self.options = options
        self.signals = signals
        self.checkpoints = Checkpoints(run.checkpoints)
        has_scores = data.validation is not None
        monitored = has_scores or not options.monitor.startswith("val_")
        self.monitor = options.monitor if monitored else None
        self._panels = PredictionPanels.of(data)

    def fit(self) -> None:
        """Trains up to `options.epochs`.

        Raises:
            KeyboardInterrupt: After a checkpoint, if a signal came.
            DivergenceError: If a loss became non-finite; nothing was saved
                from then on.
            ConfigError: If `options.monitor` is not logged, or the run has
                checkpoints and is not to be resumed.
            DataError: If no checkpoint is whole, the data has changed, or
                the disk is full.
        """
        place = self._place()
        self._describe()
        if place.batch > 0:
            self._finish_epoch(place)
            if self.trainer.stop_training:
                return
            # `fit` ends by putting averaged weights (EMA) into the model.
            place = self.checkpoints.load_last(self.trainer) or place
        self._fit(place, self.steps, self.options.epochs)

    @property
    def steps(self) -> int:
        """Training batches of an epoch: whole executions."""
        batches = self.data.train.num_batches
        limit = self.options.limit_batches
        size = self.trainer.steps_per_execution
        wanted = batches if limit is None else min(batches, limit)
        return int(-(-wanted // size) * size)

    def _place(self) -> Checkpoint:
        place = None
        for callback in self.options.callbacks:
            # State that they keep in the trainer is in its checkpoints.
            callback.set_model(self.trainer)
        if self.options.resume:
            place = self.checkpoints.load_last(self.trainer)
        elif self.run.last_weights.exists():
            raise ConfigError(
                f"The run in {str(self.run.path)!r} has checkpoints. Pass "
                "`resume=True` to go on, or make a new run."
            )
        if place is None:
            self.checkpoints.clear()
            place = Checkpoint(step=training_step(self.trainer))
        elif not self.options.quiet:
            say(
                f"Resuming in epoch {place.epoch + 1} after batch "
                f"{place.batch} (step {place.step})."
            )
        self.checkpoints.clean()
        remove_temporary(self.run.path)
        rows = [row for row in self.run.history if row["epoch"] <= place.epoch]
        write_history(self.run.history_path, rows)
        return place

    def _describe(self) -> None:
        known = self.run.manifest.get("data", {}).get("fingerprint")
        facts = described(self.trainer, self.data)
        if known not in (None, facts["data"]["fingerprint"]):
            raise DataError(
                f"The data {self.data.name!r} is not what this run began "
                f"with (fingerprint {self.data.fingerprint[:12]}, was "
                f"{known[:12]}). Restore the data, or start a new run."
            )
        self.run.update(**facts, status="running")

    def _finish_epoch(self, place: Checkpoint) -> None:
        """Does what is left of an epoch that was interrupted."""
        left = self.steps - place.batch
        if left > 0:
            self._fit(place, left, place.epoch + 1, every=1)
        else:
            self._validate(place)

    def _fit(
        self, place: Checkpoint, steps: int, epochs: int, every: int = 0
    ) -> None:
        callbacks = self._callbacks(place, every)
        size = self.data.train.num_batches
        stream = self.data.train_stream(
            start_epoch=place.batches // size, start_batch=place.batches % size
        )
        with _Closing(self, callbacks):
            self.trainer.fit(
                stream,
                steps_per_epoch=steps,
                initial_epoch=place.epoch,
                epochs=epochs,
                validation_data=self._validation(),
                callbacks=callbacks,
                verbose=0,
            )

    def _validate(self, place: Checkpoint) -> None:
        """Does the validation of an epoch whose training was done."""
        callbacks = self._callbacks(place, every=1)
        listed = keras.callbacks.CallbackList(
            callbacks, model=self.trainer, epochs=place.epoch + 1
        )
        weighting = getattr(self.trainer, "weighting", None)
        self.trainer.stop_training = False
        with _Closing(self, callbacks):
            listed.on_train_begin()
            listed.on_epoch_begin(place.epoch)  # puts the metrics back
            logs = dict(self.trainer.get_metrics_result())
            if self.data.validation is not None:
                scores = self.trainer.evaluate(
                    self._validation(),
                    callbacks=listed,
                    return_dict=True,
                    verbose=0,
                )
                logs |= {f"val_{key}": value for key, value in scores.items()}
            if weighting is not None:
                weighting.on_epoch_end(place.epoch, logs)
            listed.on_epoch_end(place.epoch, logs)
            listed.on_train_end()

    def _validation(self) -> Any:
        if self.data.validation is None:
            return None
        batches = self.data.validation.dataset()
        limit = self.options.limit_batches
        return batches if limit is None else batches.take(limit)

    def _callbacks(self, place: Checkpoint, every: int) -> list[Any]:
        options = self.options
        hparams = options.hparams
        return [
            StopOnDivergence(options.log_every),
            TaskWeightLogger(),
            *options.callbacks,
            HistoryCSV(self.run.history_path),
            CheckpointWriter(
                self.run.checkpoints,
                monitor=self.monitor,
                mode=options.mode,
                every=every or options.checkpoint_every,
                every_batches=options.checkpoint_every_batches,
                start=place,
            ),
            TensorBoard(
                self.run.logs,
                log_every=options.log_every,
                config_text=options.config_text,
                hparams=self.run.resolved if hparams is None else hparams,
                sources=options.callbacks,
                panels=self._panels,
            ),
            *([] if options.quiet else [ProgressLine(epochs=options.epochs)]),
            StopOnSignal(self.signals.received),
        ]


class _Closing:
    """Saves when interrupted, and gives back files and terminal."""

    def __init__(self, session: Session, callbacks: list[Any]) -> None:
        self.session = session
        self.callbacks = callbacks

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        try:
            if isinstance(error, KeyboardInterrupt):
                self._save()
        finally:
            for callback in self.callbacks:
                if isinstance(callback, (TensorBoard, ProgressLine)):
                    callback.close()

    def _save(self) -> None:
        if self.session.signals.is_forced:
            return
        for callback in self.callbacks:
            if isinstance(callback, StopOnDivergence):
                callback.check()
            if isinstance(callback, CheckpointWriter):
                place = callback.save()
        say(
            f"Stopped in epoch {place.epoch + 1} after batch {place.batch}. "
            "Continue with --resume."
        )
