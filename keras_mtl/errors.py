"""Errors with a meaning for the caller, and the exit code of each."""

from __future__ import annotations

from typing import ClassVar


class KerasMTLError(Exception):
    """Base of the errors below. `exit_code` is what the command returns."""

    exit_code: ClassVar[int] = 1


class ConfigError(KerasMTLError, ValueError):
    """The configuration, or an option, is wrong."""

    exit_code = 2


class DataError(KerasMTLError, OSError):
    """Data is missing, truncated or unreadable."""

    exit_code = 3


class DivergenceError(KerasMTLError, ArithmeticError):
    """A training loss became infinite or not a number.

    Args:
        task: Name of the first task whose loss was not finite.
        step: Training batch at which it was, counted from 1.
    """

    exit_code = 4

    def __init__(self, task: str, step: int) -> None:
        super().__init__(
            f"The training loss of task {task!r} became non-finite at step "
            f"{step}. Lower the learning rate, clip the gradients (for "
            "example `optimizer.clipnorm`), or check the labels of that task."
        )
        self.task = task
        self.step = step


class OfflineError(KerasMTLError, OSError):
    """Something had to be downloaded and could not be."""

    exit_code = 5
