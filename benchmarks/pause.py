"""A callback for `kill_resume.py`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras


class Pause(keras.callbacks.Callback):
    """Spreads the batches in time, and says when the first is done.

    Args:
        marker: A file that is made after the first batch.
        seconds: Pause after each batch.
    """

    def __init__(self, marker: str, seconds: float = 0.03) -> None:
        super().__init__()
        self.marker = Path(marker)
        self.seconds = seconds

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Makes the marker, and waits."""
        self.marker.touch()
        time.sleep(self.seconds)
