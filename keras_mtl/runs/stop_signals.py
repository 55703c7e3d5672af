"""Ctrl-C that lets the batch at hand finish."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Notes the first SIGINT or SIGTERM; the second interrupts at once.

    A context manager. Only the main thread of a process receives signals;
    in other threads this does nothing.
    """

    def __init__(self) -> None:
        self._count = 0
        self._previous: dict[signal.Signals, Any] = {}

    def received(self) -> bool:
        """Whether a signal came."""
        return self._count > 0

    @property
    def is_forced(self) -> bool:
        """Whether a second signal came: nothing may be waited for."""
        return self._count > 1

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                self._previous[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._previous = {}

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._count += 1
        if self.is_forced:
            raise KeyboardInterrupt
        sys.stderr.write(
            "\nkeras-mtl: stopping after this batch, with a checkpoint. "
            "Once more stops at once, without.\n"
        )
