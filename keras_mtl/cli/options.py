"""Options that several commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from keras_mtl.cli.settings import Settings

Function = TypeVar("Function", bound=Callable[..., Any])


def common(function: Function) -> Function:
    """Adds `--quiet` and `--debug`, kept in the settings."""
    function = _setting(
        "--debug", "debug", True, "Show the traceback of an error."
    )(function)
    return _setting("--quiet", "quiet", True, "Print results and errors only.")(
        function
    )


def no_plugins(function: Function) -> Function:
    """Adds `--no-plugins`, kept in the settings."""
    return _setting(
        "--no-plugins",
        "plugins",
        False,
        "Refuse components from outside this package.",
    )(function)


def overrides(function: Function) -> Function:
    """Adds `--set`, `--seed` and `--no-plugins`."""
    function = no_plugins(function)
    function = click.option(
        "--seed", type=click.IntRange(min=0), help="Seed of the run."
    )(function)
    return click.option(
        "--set",
        "overrides",
        metavar="KEY=VALUE",
        multiple=True,
        help="Set a key of the configuration, for example "
        "trainer.name=independent. May be repeated.",
    )(function)


def _setting(
    flag: str, name: str, value: bool, text: str
) -> Callable[[Function], Function]:
    """A flag that sets one attribute of the settings."""

    def callback(
        ctx: click.Context, parameter: click.Parameter, given: bool
    ) -> None:
        if given:
            setattr(ctx.ensure_object(Settings), name, value)

    return click.option(
        flag,
        is_flag=True,
        expose_value=False,
        callback=callback,
        # Before the other options, so that their errors know of it.
        is_eager=True,
        help=text,
    )
