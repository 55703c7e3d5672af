"""The process that trains one trial."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from keras_mtl.runs.atomic import disk_errors

_TAIL_BYTES = 20_000
_ERROR = re.compile(r"(Error|Unexpected error): ")


class TrialProcess:
    """A running `keras-mtl fit`, whose output goes to a log.

    Its session is its own, so that Ctrl-C on the terminal does not reach it:
    `stop` does, once.

    Args:
        arguments: Of `keras-mtl`, the command first.
        log: File to append the output to.
        threads: Threads for TensorFlow; `None` leaves the choice to it.

    Raises:
        DataError: If the log cannot be written.
    """

    def __init__(
        self, arguments: Sequence[str], log: Path, threads: int | None
    ) -> None:
        self.log = log
        self.begun = time.monotonic()
        command = [sys.executable, "-P", "-m", "keras_mtl.sweeps.child"]
        with disk_errors(log):
            self._file = log.open("ab")
        self._process = subprocess.Popen(
            [*command, str(os.getpid()), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment(threads),
        )

    @property
    def seconds(self) -> float:
        """Wall time since the start."""
        return time.monotonic() - self.begun

    def poll(self) -> int | None:
        """The exit code, or `None` while it runs."""
        code = self._process.poll()
        if code is not None:
            self._file.close()
        return code

    def stop(self) -> None:
        """Asks for an end: the first time with a checkpoint."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self, patience: float = 10.0) -> None:
        """Ends it, by force if `patience` (seconds) is not enough."""
        self.stop()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._file.close()


def environment(threads: int | None) -> dict[str, str]:
    """The environment of a trial; what the user has set is kept.

    Args:
        threads: Threads for TensorFlow; `None` if it is alone.
    """
    values = dict(os.environ)
    if threads is not None:
        for name in (
            "TF_NUM_INTRAOP_THREADS",
            "TF_NUM_INTEROP_THREADS",
            "OMP_NUM_THREADS",
        ):
            values.setdefault(name, str(threads))
        # Several processes share the memory of one GPU.
        values.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    values["PYTHONUNBUFFERED"] = "1"
    return values


def threads_each(jobs: int) -> int | None:
    """Threads for each of several processes: an equal share of the cores.

    Args:
        jobs: Processes at a time.

    Returns:
        At least 1, or `None` for a process that is alone.
    """
    if jobs == 1:
        return None
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        cores = os.cpu_count() or 1
    return max(1, cores // jobs)


def failure(code: int, log: Path) -> str:
    """Why a process failed, in one line.

    Args:
        code: Its exit code; below 0, the signal that ended it.
        log: What it printed.

    Returns:
        The code, and the last error of the log or else its last line.
    """
    what = f"exit code {code}"
    if code < 0:
        with contextlib.suppress(ValueError):
            what = f"killed by {signal.Signals(-code).name}"
    message = _last_error(log)
    return f"{what}: {message}" if message else what


def _last_error(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for index in range(len(lines) - 1, -1, -1):
        if _ERROR.match(lines[index]):
            is_list = lines[index].endswith(":")
            return " ".join(lines[index : index + 1 + is_list])
    return lines[-1] if lines else ""
