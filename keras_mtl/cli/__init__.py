"""The `keras-mtl` command: one file a command, loaded when it is called."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Runs the command line and exits with its code."""
    from keras_mtl.cli.app import app

    app(prog_name="keras-mtl")
