"""The group of all commands."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from keras_mtl.cli.failures import report
from keras_mtl.cli.settings import Settings
from keras_mtl.version import __version__

# In the order of use. Each is a module of this package with a `command`.
COMMANDS = (
    "init",
    "list",
    "show",
    "validate",
    "schema",
    "data",
    "inspect",
    "fit",
    "evaluate",
    "flatness",
    "predict",
    "sweep",
    "compare",
    "export",
    "tensorboard",
)


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for.

    It reports every exception and exits with its code.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in the order of use."""
        return list(COMMANDS)

    def get_command(
        self, ctx: click.Context, cmd_name: str
    ) -> click.Command | None:
        """Imports a command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"keras_mtl.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def main(  # type: ignore[override]  # click overloads it by mode
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs a command; outside `standalone_mode`, exceptions pass."""
        settings = extra.setdefault("obj", Settings())
        if not standalone_mode:
            return super().main(args, prog_name, standalone_mode=False, **extra)
        try:
            code = super().main(args, prog_name, standalone_mode=False, **extra)
        except (Exception, KeyboardInterrupt) as error:
            sys.exit(report(error, settings.debug))
        sys.exit(code if isinstance(code, int) else 0)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 unexpected, 2 usage or configuration, 3 "
    "data, 4 diverged, 5 offline, 130 interrupted.",
)
@click.version_option(__version__, prog_name="keras-mtl")
def app() -> None:
    """Train one Keras model on several tasks."""
