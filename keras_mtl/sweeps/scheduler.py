"""Runs the trials of a sweep, some at a time."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator, Sequence

from keras_mtl.errors import ConfigError
from keras_mtl.runs.folder_lock import FolderLock
from keras_mtl.runs.manifest import now
from keras_mtl.runs.stop_signals import StopSignals
from keras_mtl.sweeps.estimate import time_left
from keras_mtl.sweeps.observer import Observer
from keras_mtl.sweeps.record import (
    FAILED,
    FINISHED,
    INTERRUPTED,
    RUNNING,
    Record,
)
from keras_mtl.sweeps.sweep_folder import SweepFolder
from keras_mtl.sweeps.trial_process import (
    TrialProcess,
    failure,
    threads_each,
)
from keras_mtl.version import __version__

_PAUSE = 0.1
_INTERRUPTED_CODE = 130
# What is left of a killed sweep writes its checkpoints.
_PATIENCE = 120.0


class Scheduler:
    """Starts trials, waits for them, and records how they ended.

    Args:
        sweep: The sweep. It is locked meanwhile.
        observer: Told of every trial.
        jobs: Processes at a time, 1 or more.
        options: Further options of `keras-mtl fit`.
    """

    def __init__(
        self,
        sweep: SweepFolder,
        observer: Observer,
        jobs: int = 1,
        options: Sequence[str] = (),
    ) -> None:
        self.sweep = sweep
        self.observer = observer
        self.jobs = jobs
        self.options = list(options)
        self._running: dict[str, TrialProcess] = {}
        self._waiting: deque[str] = deque()
        self._stopping = False

    def run(self, retry_failed: bool = False) -> None:
        """Runs every trial that is not finished.

        Args:
            retry_failed: Run those again that failed before.

        Raises:
            KeyboardInterrupt: After Ctrl-C or SIGTERM, once every process
                has written its checkpoint and ended; at the second signal
                they are ended at once.
            ConfigError: If another sweep runs in the folder, or a process
                that a killed one left behind does not end.
            DataError: If the disk is full.
        """
        self._waiting.extend(self._to_run(retry_failed))
        with StopSignals() as signals, self._ending():
            for name in self._waiting:
                self._wait_for_others(name, signals)
            while self._running or (self._waiting and not signals.received()):
                self._step(signals)
        if signals.received():
            raise KeyboardInterrupt

    def _to_run(self, retry_failed: bool) -> list[str]:
        done = {FINISHED} if retry_failed else {FINISHED, FAILED}
        return [
            record.name
            for record in self.sweep.records.values()
            if record.state not in done
        ]

    def _step(self, signals: StopSignals) -> None:
        if signals.received():
            self._stop()
        while self._waiting and len(self._running) < self.jobs:
            self._start(self._waiting.popleft())
        for name, process in list(self._running.items()):
            code = process.poll()
            if code is not None:
                del self._running[name]
                self._ended(name, process, code, signals.received())
        self.observer.watch(self.elapsed, self._waiting, self.left)
        time.sleep(_PAUSE)

    @property
    def elapsed(self) -> dict[str, float]:
        """Seconds since the start of the trials that run."""
        return {n: process.seconds for n, process in self._running.items()}

    @property
    def left(self) -> float | None:
        """Seconds that the sweep will still take, if that is known."""
        return time_left(
            self.sweep.records.values(), self.elapsed, self._waiting, self.jobs
        )

    def _stop(self) -> None:
        if self._waiting or not self._stopping:
            self._waiting.clear()
            self._stopping = True
            for process in self._running.values():
                process.stop()

    def _start(self, name: str) -> None:
        record = self.sweep.records[name]
        process = TrialProcess(
            [*self._arguments(record), *self.options],
            self.sweep.log_path(name),
            threads_each(self.jobs),
        )
        self._running[name] = process
        self.sweep.update(
            name,
            state=RUNNING,
            started=now(),
            reason=None,
            exit_code=None,
            version=__version__,
        )

    def _arguments(self, record: Record) -> list[str]:
        """Goes on with what an interrupted trial left; else starts anew."""
        path = self.sweep.run_path(record.name)
        config = str(self.sweep.config_path(record.name))
        command = ["fit", config, "--out", str(path), "--debug"]
        if not (path / "manifest.json").is_file():
            return command
        anew = record.state == FAILED and (record.exit_code or 0) >= 0
        return [*command, "--overwrite" if anew else "--resume"]

    def _ended(
        self, name: str, process: TrialProcess, code: int, stopping: bool
    ) -> None:
        state, reason = FINISHED, None
        if code == _INTERRUPTED_CODE or (code != 0 and stopping):
            state = INTERRUPTED
        elif code != 0:
            state, reason = FAILED, failure(code, process.log)
        before = self.sweep.records[name].seconds or 0.0
        record = self.sweep.update(
            name,
            state=state,
            reason=reason,
            exit_code=code,
            seconds=round(before + process.seconds, 3),
        )
        self.observer.ended(record, self.left)

    @contextlib.contextmanager
    def _ending(self) -> Iterator[None]:
        """Leaves no process behind, whatever happens."""
        try:
            yield
        finally:
            for name, process in self._running.items():
                process.kill()
                self.sweep.update(name, state=INTERRUPTED)
            self._running.clear()

    def _wait_for_others(self, name: str, signals: StopSignals) -> None:
        """Lets the process of a sweep that was killed finish its work."""
        path = self.sweep.run_path(name)
        deadline = time.monotonic() + _PATIENCE
        while path.is_dir() and not signals.received():
            try:
                with FolderLock(path):
                    return
            except ConfigError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
