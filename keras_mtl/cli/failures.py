"""Turns exceptions into messages and exit codes: the one place for both."""

from __future__ import annotations

import traceback

import click

from keras_mtl.errors import KerasMTLError

UNEXPECTED = 1
INTERRUPTED = 130


def report(error: BaseException, debug: bool) -> int:
    """Prints what went wrong to the standard error.

    Args:
        error: What a command raised.
        debug: Whether to show the traceback.

    Returns:
        The exit code: 2 for usage and configuration, 3 for data, 4 for a
        diverged run, 5 for a failed download, 130 for an interruption, and
        1 for what nobody foresaw.
    """
    if debug:
        click.echo("".join(traceback.format_exception(error)), err=True)
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    if isinstance(error, KerasMTLError):
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    click.echo(_unexpected(error, debug), err=True)
    return UNEXPECTED


def _unexpected(error: BaseException, debug: bool) -> str:
    message = f"Unexpected error: {type(error).__name__}: {error}"
    return (
        message
        if debug
        else f"{message}\nRun it again with --debug to see where."
    )
