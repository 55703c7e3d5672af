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

    CONFIG is a YAML file or the name of a preset; of a sweep, too, whose
    trials are all checked. All problems are reported at once, with line and
    column. Nothing is built and no data is read.
    """
    import yaml

    from keras_mtl.sweeps import is_sweep

    if is_sweep(config):
        _validate_sweep(config, overrides, seed, settings)
        return
    loaded = load_config(config, overrides, seed, settings)
    if not settings.quiet:
        resolved = loaded.config.resolved()
        click.echo(yaml.safe_dump(resolved, sort_keys=False), nl=False)


def _validate_sweep(
    config: str,
    overrides: tuple[str, ...],
    seed: int | None,
    settings: Settings,
) -> None:
    from keras_mtl.cli.sweep import planned, print_plan

    seeds = None if seed is None else str(seed)
    plan = planned(config, (), overrides, seeds, settings)
    if not settings.quiet:
        print_plan(plan)
