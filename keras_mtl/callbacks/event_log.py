"""One folder of TensorBoard events."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

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
        self._file: IO[bytes] | None = None

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Writes one point on each curve.

        Args:
            values: Tag to value; NaN and infinity are kept.
            step: Training batches done.
        """
        # `simple_value` rather than a tensor: readers void both when training
        # is done again, but `EventAccumulator` only these.
        summary = summary_pb2.Summary()
        for tag, value in values.items():
            summary.value.add(tag=tag, simple_value=value)
        self.summary(summary, step)

    def summary(self, summary: Any, step: int) -> None:
        """Writes a summary, and hands it to the operating system.

        Args:
            summary: A `Summary` protocol buffer of TensorBoard or TensorFlow.
            step: Training batches done.

        Raises:
            DataError: If the disk is full or read-only.
        """
        if not summary.value:
            return
        own = summary_pb2.Summary.FromString(summary.SerializeToString())
        with disk_errors(self.folder):
            self._write(event_pb2.Event(summary=own, step=step))

    def close(self) -> None:
        """Closes the file; another write makes a new one."""
        if self._file is not None:
            file, self._file = self._file, None
            with disk_errors(self.folder):
                file.close()

    def _write(self, event: Any) -> None:
        if self._file is None:
            self._file = self._open()
        event.wall_time = time.time()
        RecordWriter(self._file).write(event.SerializeToString())
        self._file.flush()

    def _open(self) -> IO[bytes]:
        is_continued = any(self.folder.glob("events.out.tfevents.*"))
        self.folder.mkdir(parents=True, exist_ok=True)
        # Readers take the files in the order of their names.
        seconds, rest = divmod(time.time_ns(), 10**9)
        name = f"events.out.tfevents.{seconds:010d}.{rest:09d}.{os.getpid()}"
        self._file = (self.folder / name).open("wb")
        self._write(event_pb2.Event(file_version="brain.Event:2"))
        if is_continued:
            start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
            # TensorBoard voids what has this step or a later one.
            self._write(event_pb2.Event(session_log=start, step=self.step + 1))
        return self._file
