"""`keras-mtl validate`: checks a configuration, builds nothing."""

from __future__ import annotations

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import load_config
from keras_mtl.cli.settings import Settings


@click.command()
@click.argument("config")
@options.overrides
@options.common
@click.pass_obj
def command(
    settings: Settings,
    config: str,
    overrides: tuple[str, ...],
    seed: int | None,
) -> None:
    """Check CONFIG and print it with all defaults.

    CONFIG is a YAML file or the name of a preset. All problems are reported
    at once, with line and column. Nothing is built and no data is read.
    """
    import yaml

    loaded = load_config(config, overrides, seed, settings)
    if not settings.quiet:
        resolved = loaded.config.resolved()
        click.echo(yaml.safe_dump(resolved, sort_keys=False), nl=False)
