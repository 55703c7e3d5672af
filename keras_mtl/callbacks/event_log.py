"""One folder of TensorBoard events."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from keras_mtl.runs.atomic import disk_errors


class EventLog:
    """Appends to the curves of one TensorBoard run.

    The file is made on the first write. If the folder holds events already,
    those after `step` are declared void, so that training which is done
    again after a crash is not shown twice.

    Args:
        folder: Folder of the run.
        step: Training batches done; what follows has a larger step.
    """

    def __init__(self, folder: str | os.PathLike[str], step: int = 0) -> None:
        self.folder = Path(folder)
        self.step = step
        self._writer: Any = None

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Writes one point on each curve.

        Args:
            values: Tag to value; NaN and infinity are kept.
            step: Training batches done.
        """
        for tag, value in values.items():
            self.summary(scalar_pb(tag, value), step)

    def summary(self, summary: Any, step: int) -> None:
        """Writes a summary.

        Args:
            summary: A `Summary` protocol buffer of TensorBoard or TensorFlow.
            step: Training batches done.
        """
        own = summary_pb2.Summary.FromString(summary.SerializeToString())
        self._write(event_pb2.Event(summary=own, step=step))

    def flush(self) -> None:
        """Waits until everything is in the file."""
        if self._writer is not None:
            with self._clear_errors():
                self._writer.flush()

    def close(self) -> None:
        """Closes the file; another write makes a new one."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with self._clear_errors():
                writer.close()

    def _write(self, event: Any) -> None:
        event.wall_time = time.time()
        with self._clear_errors():
            if self._writer is None:
                self._open()
            self._writer.add_event(event)

    def _open(self) -> None:
        is_continued = any(self.folder.glob("events.out.tfevents.*"))
        self._writer = EventFileWriter(str(self.folder), flush_secs=30)
        if is_continued:
            start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
            # TensorBoard voids what has this step or a later one.
            self._write(event_pb2.Event(session_log=start, step=self.step + 1))

    @contextlib.contextmanager
    def _clear_errors(self) -> Iterator[None]:
        """TensorFlow's file errors, as those of the operating system."""
        with disk_errors(self.folder):
            try:
                yield
            except tf.errors.OpError as error:
                raise OSError(error.message) from error
