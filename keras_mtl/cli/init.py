"""`keras-mtl init`: a configuration to start from."""

from __future__ import annotations

from pathlib import Path

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import DEFAULT_PRESET, tell
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError


@click.command()
@click.argument("preset", default=DEFAULT_PRESET)
@click.option("--list", "listing", is_flag=True, help="Show the presets.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("config.yaml"),
    show_default=True,
    help="File to write.",
)
@options.common
@click.pass_obj
def command(settings: Settings, preset: str, listing: bool, out: Path) -> None:
    """Write a commented configuration to start from.

    PRESET is the experiment or sweep to copy, multi_digits by default.
    """
    if listing:
        from keras_mtl.cli.list import print_presets

        print_presets()
        return
    text = _preset_text(preset)
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise ConfigError(
            f"{str(out)!r} exists already. Choose another file with --out."
        ) from error
    except OSError as error:
        raise ConfigError(
            f"cannot write {str(out)!r}: {error.strerror}. Choose another "
            "file with --out."
        ) from error
    verb = "sweep" if preset.startswith("sweeps/") else "fit"
    tell(f"Wrote {out}. Train it with: keras-mtl {verb} {out}", settings)


def _preset_text(preset: str) -> str:
    from keras_mtl.config.registry import suggestion
    from keras_mtl.configs import (
        preset_names,
        preset_path,
        sweep_names,
        sweep_path,
    )

    names = [*preset_names(), *sweep_names()]
    if preset not in names:
        raise ConfigError(
            f"no such preset: {preset!r}. Expected one of {names}."
            f"{suggestion(preset, names)}"
        )
    is_sweep = preset in sweep_names()
    path = sweep_path(preset) if is_sweep else preset_path(preset)
    text: str = path.read_text(encoding="utf-8")
    return text
