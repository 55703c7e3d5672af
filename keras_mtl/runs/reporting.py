"""Lines for people, on standard error."""

from __future__ import annotations

import sys


def say(message: str) -> None:
    """Writes one line."""
    sys.stderr.write(f"keras-mtl: {message}\n")
    sys.stderr.flush()
