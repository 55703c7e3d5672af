"""`keras-mtl show`: everything about one component."""

from __future__ import annotations

from typing import Any

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import prepare
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError


@click.command()
@click.argument("name")
@options.no_plugins
@options.common
@click.pass_obj
def command(settings: Settings, name: str) -> None:
    """Show the documentation, options and paper of a component.

    NAME is that of a component, such as pcgrad, with its kind before it
    where the name alone is not enough: losses/mean_squared_error.
    """
    prepare(settings)
    found = _find(name)
    for kind, plain_name in found:
        _print(kind, plain_name)


def _find(name: str) -> list[tuple[str, str]]:
    """Kinds in which there is a component of this name."""
    from keras_mtl.config.registry import kinds, names, suggestion

    wanted_kind, slash, plain_name = name.rpartition("/")
    found = [
        (kind, plain_name)
        for kind in kinds()
        if plain_name in names(kind) and (not slash or kind == wanted_kind)
    ]
    if not found:
        known = [other for kind in kinds() for other in names(kind)]
        raise ConfigError(
            f"no component is called {name!r}. `keras-mtl list KIND` shows "
            f"them.{suggestion(plain_name, known)}"
        )
    return found


def _print(kind: str, name: str) -> None:
    from keras_mtl.cli.documentation import (
        option_rows,
        paper,
        text_without_arguments,
    )
    from keras_mtl.cli.output import print_table
    from keras_mtl.config.registry import resolve, target

    component: Any = resolve(kind, name)
    click.echo(f"{name} ({kind}, {target(kind, name)})\n")
    click.echo(text_without_arguments(component))
    rows = option_rows(kind, component)
    if rows:
        click.echo()
        print_table(["option", "type", "default", "meaning"], rows)
    if paper(component):
        click.echo(f"Paper: {paper(component)}")
