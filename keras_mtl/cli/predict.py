"""`keras-mtl predict`: applies the model of a run to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import prepare
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError, DataError

if TYPE_CHECKING:
    from keras_mtl.pipelines import Network

_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".ppm", ".npy")
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
@click.option(
    "--html",
    is_flag=True,
    help="Write one page to look through what a pipeline found.",
)
@click.option(
    "--raw",
    is_flag=True,
    help="Write the outputs of the network, without the run's pipeline.",
)
@options.common
@click.pass_obj
def command(
    settings: Settings,
    run: Path,
    inputs: tuple[Path, ...],
    out: Path,
    as_format: Format,
    html: bool,
    raw: bool,
) -> None:
    """Apply the model of RUN to images or arrays.

    RUN is a run folder, or what `keras-mtl export` has written. An INPUT is a
    file, or a folder with files.

    If the run has a pipeline (`pipeline:` in its configuration), INPUTs are
    colour photographs of any size. Writes masks and a drawing for each, at
    its own resolution, and one table, predictions.csv.

    Else, or with --raw, writes one file per INPUT and task. An INPUT is an
    image of the size the model was trained on (nothing is resized), or a .npy
    array: uint8 pixels, or floats as the network takes them, of one sample or
    of several.
    """
    if raw and html:
        raise click.UsageError("Give --raw or --html, not both.")
    targets = _targets(_files(inputs), out)
    prepare(settings)
    network, card = _network(run)
    if not raw:
        from keras_mtl.cli.photographs import finder, write_findings

        found = finder(network, card)
        if found is not None:
            write_findings(found, targets, out, html)
            return
    if html:
        raise ConfigError(
            "--html shows what a pipeline found, and the run has none. Leave "
            "out --html, or train with `pipeline:` in the configuration."
        )
    _write_raw(network, card, targets, as_format)


def _write_raw(
    predict: Network,
    card: dict[str, Any],
    targets: dict[Path, Path],
    as_format: Format,
) -> None:
    """One file an input and task."""
    from keras_mtl.cli.prediction_files import write_predictions
    from keras_mtl.cli.prediction_inputs import read_input
    from keras_mtl.cli.predictions import predictions

    # All are read before any is written.
    arrays = {path: read_input(path, card) for path in targets}
    for path, stem in targets.items():
        outputs = predict(arrays[path])
        for task, values in outputs.items():
            rows = predictions(values, card["tasks"][task])
            file = stem.with_name(f"{stem.name}.{task}.{as_format}")
            write_predictions(file, path, task, rows)
            click.echo(str(file))


def _files(inputs: tuple[Path, ...]) -> list[Path]:
    """The inputs, and in the place of folders the files in them."""
    found = []
    for path in inputs:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [
            one
            for one in sorted(path.iterdir(), key=lambda one: one.name)
            if one.suffix.lower() in _SUFFIXES and not one.name.startswith(".")
        ]
        if not inside:
            raise DataError(
                f"{str(path)!r} holds no image and no array. Expected files "
                f"that end in {', '.join(_SUFFIXES)}."
            )
        found += inside
    return found


def _targets(inputs: list[Path], out: Path) -> dict[Path, Path]:
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


def _network(path: Path) -> tuple[Network, dict[str, Any]]:
    """What maps an array to outputs by task, and the model card."""
    from keras_mtl.exporting.exported_model import ExportedModel, format_of
    from keras_mtl.pipelines import Network

    if format_of(path) is not None:
        exported = ExportedModel(path)
        shape = tuple(exported.card["input_shape"])
        return Network(exported.predict, shape), exported.card
    from keras_mtl.cli.loading import load_model, recorded_card
    from keras_mtl.runs import RunFolder

    folder = RunFolder.open(path)
    card = recorded_card(folder)
    model = load_model(folder)
    shape = tuple(card["input_shape"])

    def predict(array: Any) -> Any:
        return model.predict(array, verbose=0)

    return Network(predict, shape, model), card
