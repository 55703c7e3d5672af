"""`keras-mtl compare`: methods side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from keras_mtl.cli import options
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError

if TYPE_CHECKING:
    from keras_mtl.report import Comparison, Options
    from keras_mtl.report.form import Form

_FORMATS = ("terminal", "md", "csv", "latex", "json")
_ENDINGS = {".md": "md", ".csv": "csv", ".tex": "latex", ".json": "json"}


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="RUN_OR_SWEEP...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    help="By the ending of --out, or terminal.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the table into a file.",
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="METRIC",
    help="Compare METRIC or TASK.METRIC; all but losses by default. May be "
    "repeated.",
)
@click.option(
    "--reference",
    "references",
    multiple=True,
    metavar="LABEL|TASK.METRIC=VALUE",
    help="Measure Δm against a method, or against given values. The method "
    "with a network per task by default.",
)
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="PATH=LABEL",
    help="Call the method of the runs below PATH so.",
)
@click.option(
    "--split",
    type=click.Choice(("test", "validation", "train")),
    help="What to compare on; test by default, or what a sweep asks for.",
)
@click.option("--average", is_flag=True, help="Average metrics over tasks.")
@click.option(
    "--deviation",
    type=click.Choice(("sample", "population")),
    default="sample",
    show_default=True,
    help="Divide by n - 1 or by n.",
)
@click.option(
    "--ties",
    type=click.Choice(("average", "minimum", "statistical")),
    default="average",
    show_default=True,
    help="What methods get that share a rank; statistical: those that the "
    "test does not tell apart share it.",
)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Level of the paired test.",
)
@click.option(
    "--direction",
    "directions",
    multiple=True,
    metavar="METRIC=higher|lower",
    help="Say which way a metric is better.",
)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="KEY",
    help="A key of the configuration that makes no difference.",
)
@click.option(
    "--columns",
    metavar="NAMES",
    help="What to show besides scores, with commas between: n, rank, "
    "delta_m, score, parameters, seconds, memory; or none.",
)
@click.option(
    "--poster",
    is_flag=True,
    help="In percent, with no more than scores and parameters.",
)
@click.option("--percent", is_flag=True, help="Show fractions in percent.")
@click.option("--digits", type=click.IntRange(0, 12), help="After the point.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page with table and pictures, which needs no other file.",
)
@click.option(
    "--plots",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the pictures into a folder, as SVG and PNG.",
)
@options.common
@click.pass_obj
def command(
    settings: Settings,
    folders: tuple[str, ...],
    format_: str | None,
    out: Path | None,
    metrics: tuple[str, ...],
    references: tuple[str, ...],
    labels: tuple[str, ...],
    split: str | None,
    average: bool,
    deviation: str,
    ties: str,
    alpha: float,
    directions: tuple[str, ...],
    ignored: tuple[str, ...],
    columns: str | None,
    poster: bool,
    percent: bool,
    digits: int | None,
    html: Path | None,
    plots: Path | None,
) -> None:
    """Compare the methods of finished runs in one table.

    RUN_OR_SWEEP are run folders, or folders that hold some. Runs that differ
    in nothing but their seed are one method: mean, standard deviation, the
    best and what a paired test does not tell from it, ranks, Δm, parameters,
    time and memory. What could not be read is noted below the table.
    """
    from keras_mtl.report import Options
    from keras_mtl.report.form import EXTRAS, POSTER, Form
    from keras_mtl.report.formats import written

    method, values = _references(references)
    wanted = Options(
        split=split or "",
        metrics=metrics,
        average=average,
        deviation=deviation,
        ties=ties,
        alpha=alpha,
        reference=method,
        reference_values=values,
        directions=_directions(directions),
        ignored=ignored,
    )
    extras = POSTER if poster else EXTRAS
    if columns is not None:
        extras = _names(columns)
    form = Form(percent or poster, digits, extras)
    comparison = _compared(folders, wanted, _pairs(labels, "--label"))
    if html is not None or plots is not None:
        _draw(comparison, form, html, plots)
    format_ = format_ or _ENDINGS.get(out.suffix if out else "", "terminal")
    _show(written(comparison, form, format_), out)
    if format_ == "csv" and not settings.quiet:  # has no room for notes
        for note in comparison.notes:
            click.echo(note, err=True)


def _show(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
    else:
        _write(out, text)


def _compared(
    folders: tuple[str, ...], wanted: Options, labels: dict[str, str]
) -> Comparison:
    from keras_mtl.report import compare, read_runs

    found = read_runs(folders, labels)
    return compare(found.runs, wanted, found.notes, found.sweep)


def _draw(
    comparison: Comparison, form: Form, html: Path | None, plots: Path | None
) -> None:
    from keras_mtl.report.page import page
    from keras_mtl.report.plots import pictures
    from keras_mtl.runs.atomic import replacing

    drawn = pictures(comparison)
    if html is not None:
        _write(html, page(comparison, form, drawn))
    if plots is not None:
        for picture in drawn:
            _write(plots / f"{picture.name}.svg", picture.file())
            with replacing(plots / f"{picture.name}.png") as temporary:
                temporary.write_bytes(picture.png())


def _write(out: Path, text: str) -> None:
    from keras_mtl.runs.atomic import write_text

    out.parent.mkdir(parents=True, exist_ok=True)
    write_text(out, text)


def _names(columns: str) -> tuple[str, ...]:
    if columns.strip() == "none":
        return ()
    return tuple(name.strip() for name in columns.split(",") if name.strip())


def _pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    found = {}
    for text in texts:
        # A label may hold `=`, a path hardly.
        key, equals, value = text.partition("=")
        if not (equals and key and value):
            raise ConfigError(
                f"{option} takes two names with = between. Received: {text!r}."
            )
        found[key] = value
    return found


def _references(
    texts: tuple[str, ...],
) -> tuple[str | None, dict[str, float]]:
    """A method's label and literal values."""
    methods: list[str] = []
    values: dict[str, float] = {}
    for text in texts:
        name, _, value = text.rpartition("=")
        number = _number(value) if "." in name else None
        if number is None:
            methods.append(text)
        else:
            values[name] = number
    if len(methods) > 1:
        raise ConfigError(
            f"--reference takes one method. Received: {methods}. Literal "
            "values are written TASK.METRIC=VALUE."
        )
    return (methods[0] if methods else None), values


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _directions(texts: tuple[str, ...]) -> dict[str, int]:
    signs = {"higher": 1, "lower": -1}
    found = {}
    for metric, way in _pairs(texts, "--direction").items():
        if way not in signs:
            raise ConfigError(
                f"--direction {metric} must be higher or lower. Received: "
                f"{way!r}."
            )
        found[metric] = signs[way]
    return found
