"""`keras-mtl export`: writes the model of a run for other programmes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import load_run, prepare, tell
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError, DataError

if TYPE_CHECKING:
    from keras_mtl.runs import RunFolder

ENDINGS = {
    "keras": ".keras",
    "saved_model": "",
    "onnx": ".onnx",
    "litert": ".tflite",
}
_SAMPLES = 7


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(ENDINGS)),
    required=True,
    help="onnx needs the extra of that name.",
)
@click.option(
    "--tasks",
    metavar="NAME[,NAME]",
    help="Tasks to keep, all by default. For one task of a partitioned "
    "model, filters that it does not use are removed.",
)
@click.option(
    "--out",
    "--path",
    type=click.Path(path_type=Path),
    help="Where to write; by default model or <tasks> in RUN/export.",
)
@click.option("--overwrite", is_flag=True, help="Replace what is there.")
@options.no_plugins
@options.common
@click.pass_obj
def command(
    settings: Settings,
    run: Path,
    kind: str,
    tasks: str | None,
    out: Path | None,
    overwrite: bool,
) -> None:
    """Write the model of RUN for inference, all its tasks or some.

    What was written is read again in another process, without this package
    where the format allows, and its outputs on test data are compared.
    """
    prepare(settings)
    from keras_mtl.cli.loading import load_model, recorded_card
    from keras_mtl.exporting import export
    from keras_mtl.runs import RunFolder

    folder = RunFolder.open(run)
    names = _names(tasks)
    done = export(
        load_model(folder),
        out or _default(folder.path, kind, names),
        format=kind,
        tasks=names,
        inputs=_samples(folder, settings),
        card=recorded_card(folder),
        overwrite=overwrite,
    )
    _print(done, folder.model_path)


def _names(tasks: str | None) -> list[str] | None:
    if tasks is None:
        return None
    names = [name.strip() for name in tasks.split(",")]
    if not all(names):
        raise ConfigError(
            "--tasks takes names with commas between them. Received: "
            f"{tasks!r}."
        )
    return names


def _default(run: Path, kind: str, names: list[str] | None) -> Path:
    stem = "model" if names is None else "_".join(sorted(names))
    ending = ENDINGS[kind]
    return run / "export" / (f"{stem}{ending}" if ending else f"{stem}_saved")


def _samples(folder: RunFolder, settings: Settings) -> Any:
    """Inputs of the run's test data, or what there is; `None` without."""
    from keras_mtl.config.builder import Builder

    try:
        loaded = load_run(folder, settings)
        data = Builder(loaded).data(loaded.config.data)
        part = data.test or data.validation or data.train
        (batch, *_) = next(iter(part.dataset().unbatch().batch(_SAMPLES)))
    except DataError as error:
        tell(
            f"Note: the run's data is not here ({error}) Outputs are "
            "compared on random inputs.",
            settings,
        )
        return None
    return batch.numpy()


def _print(done: Any, before: Path) -> None:
    from keras_mtl.cli.output import byte_size, counted, print_table

    rows = [
        (
            "parameters",
            counted(done.parameters_before),
            counted(done.parameters),
        ),
        ("size", byte_size(before.stat().st_size), byte_size(done.size)),
    ]
    print_table(("", "run", "exported"), rows)
    reader = "with keras-mtl" if done.needs_package else "without keras-mtl"
    click.echo(
        f"Tasks: {', '.join(done.tasks)}. Read again {reader}: outputs differ "
        f"by {done.largest_difference:.1e} at most."
    )
    click.echo(str(done.path))
