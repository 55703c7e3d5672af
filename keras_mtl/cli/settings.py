"""Options that every command takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Settings:
    """What the user wants of any command.

    Args:
        quiet: Print results and errors only.
        debug: Show the traceback of an error.
        plugins: Allow components of other packages.
    """

    quiet: bool = False
    debug: bool = False
    plugins: bool = True
