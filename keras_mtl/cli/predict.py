"""`keras-mtl predict`: applies the model of a run to files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import prepare
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError

Format = Literal["json", "csv"]


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument(
    "inputs", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("predictions"),
    show_default=True,
    help="Folder to write to.",
)
@click.option(
    "--format",
    "as_format",
    type=click.Choice(["json", "csv"]),
    default="json",
    show_default=True,
)
@options.common
@click.pass_obj
def command(
    settings: Settings,
    run: Path,
    inputs: tuple[Path, ...],
    out: Path,
    as_format: Format,
) -> None:
    """Apply the model of RUN to images or arrays.

    RUN is a run folder, or what `keras-mtl export` has written.
    Writes one file per INPUT and task. An INPUT is an image of the size the
    model was trained on (nothing is resized), or a .npy array: uint8 pixels,
    or floats as the network takes them, of one sample or of several.
    """
    targets = _targets(inputs, out)
    prepare(settings)
    from keras_mtl.cli.prediction_files import write_predictions
    from keras_mtl.cli.prediction_inputs import read_input
    from keras_mtl.cli.predictions import predictions

    predict, card = _network(run)
    # All are read before any is written.
    arrays = {path: read_input(path, card) for path in targets}
    for path, stem in targets.items():
        outputs = predict(arrays[path])
        for task, values in outputs.items():
            rows = predictions(values, card["tasks"][task])
            file = stem.with_name(f"{stem.name}.{task}.{as_format}")
            write_predictions(file, path, task, rows)
            click.echo(str(file))


def _targets(inputs: tuple[Path, ...], out: Path) -> dict[Path, Path]:
    """Input to the beginning of its outputs, different for each."""
    targets: dict[Path, Path] = {}
    for path in inputs:
        stem = out / path.stem
        if stem in targets.values():
            raise ConfigError(
                f"two inputs are called {path.stem!r}, so that their results "
                "would overwrite each other. Predict them in two calls with "
                "different --out."
            )
        targets[path] = stem
    return targets


def _network(path: Path) -> tuple[Any, dict[str, Any]]:
    """What maps an array to outputs by task, and the model card."""
    from keras_mtl.exporting.exported_model import ExportedModel, format_of

    if format_of(path) is not None:
        exported = ExportedModel(path)
        return exported.predict, exported.card
    from keras_mtl.cli.loading import load_model, recorded_card
    from keras_mtl.runs import RunFolder

    folder = RunFolder.open(path)
    card = recorded_card(folder)
    model = load_model(folder)
    return lambda array: model.predict(array, verbose=0), card
