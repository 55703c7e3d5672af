"""`keras-mtl predict`: applies the model of a run to files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import prepare
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError, DataError

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

    Writes one file per INPUT and task. An INPUT is an image of the size the
    model was trained on (nothing is resized), or a .npy array: uint8 pixels,
    or floats as the network takes them, of one sample or of several.
    """
    targets = _targets(inputs, out)
    prepare(settings)
    from keras_mtl.cli.prediction_files import write_predictions
    from keras_mtl.cli.prediction_inputs import read_input
    from keras_mtl.cli.predictions import predictions
    from keras_mtl.runs import RunFolder

    folder = RunFolder.open(run)
    card = _card(folder)
    model = _model(folder)
    # All are read before any is written.
    arrays = {path: read_input(path, card) for path in targets}
    for path, stem in targets.items():
        outputs = model.predict(arrays[path], verbose=0)
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


def _card(folder: Any) -> dict[str, Any]:
    card = folder.manifest.get("model_card")
    if not isinstance(card, dict):
        raise DataError(
            f"the run {str(folder.path)!r} does not record its tasks and "
            "inputs (`model_card` in manifest.json). Train it with "
            "`keras-mtl fit`."
        )
    return card


def _model(folder: Any) -> Any:
    import importlib

    import keras

    # Registers the layers of this package, which the file may hold.
    importlib.import_module("keras_mtl.layers")
    path = folder.model_path
    if not path.is_file():
        raise DataError(
            f"{str(path)!r} is missing: the run has not finished. Go on with "
            f"it: keras-mtl fit --resume --out {folder.path}."
        )
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # h5py, zipfile and Keras raise many kinds
        raise DataError(
            f"{str(path)!r} cannot be loaded: {error}. If it is damaged, make "
            f"it again: keras-mtl fit --resume --out {folder.path}."
        ) from error
