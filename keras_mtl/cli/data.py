"""`keras-mtl data`: what a data set holds, as numbers and as pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from keras_mtl.cli import options
from keras_mtl.cli.configuration import load_config, tell
from keras_mtl.cli.settings import Settings

_SPLITS = click.Choice(["train", "validation", "test"])


@click.group()
@options.common
def command() -> None:
    """Look at the data set of a configuration."""


@command.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--source",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("/usr/share/wordnet"),
    show_default=True,
    help="Where Debian's packages put the files.",
)
@options.common
def wordnet(folder: Path, source: Path) -> None:
    """Copy WordNet's files into FOLDER, as NLTK wants them.

    The files come with Debian's packages wordnet-base and
    wordnet-sense-index. FOLDER then goes into `wordnet:` or NLTK_DATA.
    """
    from keras_mtl.transfer.wordnet_files import prepare_wordnet

    click.echo(f"WordNet: {prepare_wordnet(folder, source)}")


@command.command()
@click.argument("config")
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    default=64,
    show_default=True,
    help="Samples of each split whose files are decoded.",
)
@click.option("--all", "everything", is_flag=True, help="Decode all files.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@options.overrides
@options.common
@click.pass_obj
def check(
    settings: Settings,
    config: str,
    sample: int,
    everything: bool,
    as_json: bool,
    overrides: tuple[str, ...],
    seed: int | None,
) -> None:
    """Check the files of CONFIG's data set, and count its labels.

    Prints what is there, how many samples are labelled for each task, and the
    balance of the classes. Exits with 3, naming file and row, if something is
    missing, damaged or no label of these tasks.
    """
    from keras_mtl.cli.output import print_table

    data = _data(config, overrides, seed, settings)
    from keras_mtl.datasets.summary import summary

    found = summary(data, None if everything else sample)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    print_table(
        ["split", "samples", "decoded", "files"], _splits(found), found["name"]
    )
    columns = ["split", "task", "kind", "labelled", "pixels", "labels"]
    print_table(columns, _tasks(found))
    for part, messages in found["skipped"].items():
        click.echo(f"Left out of {part}: {len(messages)}, for example:")
        click.echo(f"  {messages[0]}")


@command.command()
@click.argument("config")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write, for example preview.png.",
)
@click.option("--split", type=_SPLITS, default="train", show_default=True)
@click.option(
    "--count",
    type=click.IntRange(1, 64),
    default=6,
    show_default=True,
    help="Samples to draw.",
)
@options.overrides
@options.common
@click.pass_obj
def preview(
    settings: Settings,
    config: str,
    out: Path,
    split: str,
    count: int,
    overrides: tuple[str, ...],
    seed: int | None,
) -> None:
    """Draw samples of CONFIG's data set with the labels of every task.

    A row is a sample: the input as the network gets it (training images are
    augmented), then each map drawn over it; other labels are written below.
    Pixels without a label are dark.
    """
    from keras_mtl.errors import ConfigError

    data = _data(config, overrides, seed, settings)
    part = getattr(data, split)
    if part is None:
        raise ConfigError(
            f"the data set {data.name!r} has no {split} split. Choose another "
            "with --split."
        )
    if len(data.input_shape) != 3 or data.input_shape[-1] not in (1, 3):
        raise ConfigError(
            f"the data set {data.name!r} has inputs of shape "
            f"{data.input_shape}, which are no images. See "
            "`keras-mtl data check`."
        )
    from keras_mtl.cli.contact_sheet import contact_sheet

    with data.reading():
        sheet = contact_sheet(data, part.source, count)
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out)
    tell(f"Wrote {out}.", settings)


def _data(
    config: str,
    overrides: tuple[str, ...],
    seed: int | None,
    settings: Settings,
) -> Any:
    loaded = load_config(config, overrides, seed, settings)
    from keras_mtl.config.builder import Builder

    return Builder(loaded).data(loaded.config.data)


def _splits(found: dict[str, Any]) -> list[list[str]]:
    return [
        [
            part,
            f"{one['samples']:,}",
            f"{one['read']:,}",
            ", ".join(f"{n:,} {field}" for field, n in one["files"].items())
            or "in memory",
        ]
        for part, one in found["splits"].items()
    ]


def _tasks(found: dict[str, Any]) -> list[list[str]]:
    return [
        [
            part,
            name,
            task["kind"],
            f"{task['labelled']:.1%}",
            f"{task['pixels']:.1%}" if "pixels" in task else "",
            _labels(task),
        ]
        for part, one in found["splits"].items()
        for name, task in one["tasks"].items()
    ]


def _labels(task: dict[str, Any]) -> str:
    if "range" in task:
        low, mean, high = task["range"]
        return f"{low:.4g} to {high:.4g}, mean {mean:.4g}"
    return ", ".join(
        f"{name} {share:.1%}" for name, share in task.get("shares", {}).items()
    )
