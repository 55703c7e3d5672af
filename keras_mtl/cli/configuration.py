"""Loads the configuration a command was given."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from keras_mtl.cli.settings import Settings
from keras_mtl.cli.startup import start_keras

if TYPE_CHECKING:
    from keras_mtl.config import Loaded
    from keras_mtl.runs import RunFolder

DEFAULT_PRESET = "multi_digits"


def load_config(
    config: str | None,
    overrides: Sequence[str],
    seed: int | None,
    settings: Settings,
) -> Loaded:
    """Loads a file or preset, and prints the notes.

    Args:
        config: Path or name; `None` is the default preset.
        overrides: Values of `--set`.
        seed: Value of `--seed`.
        settings: What the user wants of any command.

    Returns:
        The checked configuration.
    """
    prepare(settings)
    from keras_mtl.config import load

    loaded = load(
        config or DEFAULT_PRESET, overrides, seed, plugins=settings.plugins
    )
    for note in loaded.notes:
        tell(f"Note: {note}", settings)
    return loaded


def load_run(
    run: RunFolder,
    settings: Settings,
    overrides: Sequence[str] = (),
    seed: int | None = None,
) -> Loaded:
    """Loads the configuration that a run was made with.

    Args:
        run: The run.
        settings: What the user wants of any command.
        overrides: Values of `--set`.
        seed: Value of `--seed`.

    Returns:
        The checked configuration.
    """
    prepare(settings)
    from keras_mtl.config import load_values

    source = str(run.path / "resolved.yaml")
    return load_values(
        run.resolved, source, overrides, seed, plugins=settings.plugins
    )


def prepare(settings: Settings) -> None:
    """Starts Keras, and lets plugins be found in the current folder."""
    start_keras()
    folder = os.getcwd()
    # Last, so that a file lying there never replaces an installed module.
    if settings.plugins and folder not in sys.path:
        sys.path.append(folder)


def tell(message: str, settings: Settings) -> None:
    """Prints to the standard error, unless `--quiet`."""
    if not settings.quiet:
        click.echo(message, err=True)
