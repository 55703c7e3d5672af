"""How training goes, for people."""

from __future__ import annotations

import time
from typing import Any

import keras
from rich.console import Console
from rich.live import Live
from rich.text import Text

from keras_mtl.callbacks.tags import VALIDATION, tag, tasks_in
from keras_mtl.typing import Logs

REFRESH_SECONDS = 0.5


class ProgressLine(keras.callbacks.Callback):
    """On a terminal one line with the tasks' losses, else one line an epoch.

    Args:
        console: Where to write; standard error by default. `NO_COLOR` is
            obeyed.
        epochs: How many epochs to show as the total, if not those of `fit`.
    """

    def __init__(
        self, console: Console | None = None, epochs: int | None = None
    ) -> None:
        super().__init__()
        self.epochs = epochs
        self.console = console or Console(stderr=True, highlight=False)
        self._live: Live | None = None
        self._shown = 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Shows the line."""
        self.close()
        if self.console.is_terminal:
            self._live = Live(
                console=self.console, auto_refresh=False, transient=True
            )
            self._live.start()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Remembers the epoch."""
        self._epoch = epoch + 1
        self._begun = time.perf_counter()

    def on_train_batch_begin(
        self, batch: int, logs: Logs | None = None
    ) -> None:
        """Refreshes the line, twice a second at most."""
        now = time.perf_counter()
        if self._live is None or now - self._shown < REFRESH_SECONDS:
            return
        self._shown = now
        # Reading the losses waits for the device.
        losses = self.model.get_metrics_result() if batch else {}
        place = f"batch {batch}/{self.params.get('steps') or '?'}"
        self._live.update(Text(self._line(place, losses)), refresh=True)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Prints the line of the epoch."""
        seconds = f"{time.perf_counter() - self._begun:.1f} s"
        line = Text(self._line(seconds, logs or {}))
        if self._live is None:
            # Never wrapped, so that it stays one line in a file.
            self.console.print(line, soft_wrap=True)
        else:
            self.console.print(line)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Takes the line away."""
        self.close()

    def close(self) -> None:
        """Gives the terminal back; also for training that was stopped."""
        if self._live is not None:
            live, self._live = self._live, None
            live.stop()

    def _line(self, place: str, logs: Any) -> str:
        epochs = self.epochs or self.params.get("epochs", "?")
        parts = [f"epoch {self._epoch}/{epochs}", place]
        tasks = tuple(getattr(self.model, "tasks", ())) or tasks_in(logs)
        for key, value in logs.items():
            if key.startswith(VALIDATION) or not _is_shown(key, tasks):
                continue
            part = f"{key} {float(value):.4f}"
            if VALIDATION + key in logs:
                part += f" (val {float(logs[VALIDATION + key]):.4f})"
            parts.append(part)
        return "  ".join(parts)


def _is_shown(key: str, tasks: tuple[str, ...]) -> bool:
    return tag(key, tasks).startswith(("loss/", "metric/"))
