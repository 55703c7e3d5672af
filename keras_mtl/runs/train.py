"""Trains in a run folder, and writes what came of it."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from keras_mtl.errors import DataError, DivergenceError
from keras_mtl.runs.atomic import disk_errors
from keras_mtl.runs.folder import RunFolder
from keras_mtl.runs.stop_signals import StopSignals
from keras_mtl.runs.training_options import TrainingOptions

_DISK = (errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EIO)


def train(
    trainer: Any,
    data: Any,
    run: RunFolder,
    *,
    epochs: int,
    limit_batches: int | None = None,
    resume: bool = False,
    monitor: str = "val_loss",
    mode: str = "auto",
    evaluate: str = "best",
    checkpoint_every: int = 1,
    checkpoint_every_batches: int | None = None,
    log_every: int = 50,
    hparams: Mapping[str, Any] | None = None,
    config_text: str | None = None,
    quiet: bool = False,
    callbacks: Sequence[Any] = (),
    pipeline: Any = None,
) -> dict[str, Any]:
    """Trains, validates and tests, and leaves everything in the run folder.

    The trainer ends with the weights that were tested. Ctrl-C or SIGTERM
    lets the batch at hand finish, writes a checkpoint and raises
    `KeyboardInterrupt`; a resumed run goes on with the very next batch and
    ends as if it had not been interrupted.

    Args:
        trainer: A compiled trainer of `keras_mtl.trainers`.
        data: What to train on, a `MultiTaskData` or what has its attributes.
        run: A run folder. It is locked meanwhile.
        epochs: Epochs to train in all, resumed ones included.
        limit_batches: At most so many batches an epoch, in training and in
            validation.
        resume: Go on from the last checkpoint, if there is one.
        monitor: Key of the logs that tells which epoch is best. Without a
            validation split, a `val_` key keeps no best epoch.
        mode: `"min"`, `"max"`, or `"auto"` to tell by the name.
        evaluate: `"best"` or `"last"`: the weights to test and to keep as
            `model.keras`. Without a best epoch, the last.
        checkpoint_every: Epochs between two checkpoints.
        checkpoint_every_batches: Training batches between two checkpoints
            within an epoch; `None` for none.
        log_every: Training batches between two points of a curve, and
            between two looks for divergence.
        hparams: Hyperparameters for TensorBoard; the resolved configuration
            by default.
        config_text: Configuration for TensorBoard's text tab.
        quiet: Show nothing but warnings.
        callbacks: More Keras callbacks.
        pipeline: A `Pipeline`, or `None`: what it measures on the test split
            joins the metrics, and what it learned the manifest.

    Returns:
        The content of `metrics.json`: `last` and `best` (`None` if there is
        none) with `epoch`, `step`, `train` and `validation`; `test`, task to
        metric to value; `test_loss`; `evaluated`.

    Raises:
        KeyboardInterrupt: After a checkpoint, if a signal came.
        DivergenceError: If a training loss became non-finite. The last good
            checkpoint is kept.
        ConfigError: If an option is wrong, or the run is in use.
        DataError: If the disk is full, a checkpoint is damaged, or the data
            has changed or vanished.
    """
    options = TrainingOptions(
        epochs=epochs,
        limit_batches=limit_batches,
        resume=resume,
        monitor=monitor,
        mode=mode,
        evaluate=evaluate,
        checkpoint_every=checkpoint_every,
        checkpoint_every_batches=checkpoint_every_batches,
        log_every=log_every,
        hparams=hparams,
        config_text=config_text,
        quiet=quiet,
        callbacks=callbacks,
        pipeline=pipeline,
    )
    # Late, so that folders can be handled without loading Keras.
    from keras_mtl.runs.outcome import finish
    from keras_mtl.runs.session import Session

    with (
        run.lock(),
        StopSignals() as signals,
        _clear_errors(run),
        getattr(data, "reading", contextlib.nullcontext)(),
        _recorded_status(run),
    ):
        session = Session(trainer, data, run, options, signals)
        session.fit()
        return finish(session)


@contextlib.contextmanager
def _recorded_status(run: RunFolder) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(DataError):
            run.update(status=_status(error))
        raise


def _status(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return "diverged" if isinstance(error, DivergenceError) else "failed"


@contextlib.contextmanager
def _clear_errors(run: RunFolder) -> Iterator[None]:
    """Says in plain words that the disk is full or the data has gone."""
    import tensorflow as tf

    gone = (
        tf.errors.NotFoundError,
        tf.errors.DataLossError,
        tf.errors.PermissionDeniedError,
    )
    try:
        yield
    except gone as error:
        raise DataError(
            f"The data could not be read any more: {error.message} Restore "
            "it and continue with --resume; the last checkpoint is intact."
        ) from error
    except OSError as error:
        if isinstance(error, DataError) or error.errno not in _DISK:
            raise
        with disk_errors(run.path):
            raise
