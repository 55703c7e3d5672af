"""A comparison as text in cells, whatever the format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from keras_mtl.report.column import AVERAGES, Column
from keras_mtl.report.comparison import Comparison
from keras_mtl.report.form import Form, duration, size
from keras_mtl.report.row import Row

PLUS_MINUS = "±"


@dataclass(frozen=True)
class TextCell:
    """One cell.

    Args:
        text: What it says.
        is_best: To be shown in bold.
        is_equal: To be underlined: not told apart from the best.
    """

    text: str
    is_best: bool = False
    is_equal: bool = False


@dataclass(frozen=True)
class Table:
    """Headings, rows of cells as long as the headings, and notes.

    Args:
        headings: The first is that of the methods.
        rows: The first cell is the label.
        notes: Printed below.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[TextCell, ...], ...]
    notes: tuple[str, ...]


Part = tuple[str, Callable[[Row], TextCell]]


def table(comparison: Comparison, form: Form) -> Table:
    """Lays a comparison out.

    Args:
        comparison: What is compared.
        form: How.

    Returns:
        The table; columns that would be empty are left out.
    """
    parts: list[Part] = [("method", lambda row: TextCell(row.label))]
    for column in comparison.columns:
        parts += _scores(comparison, column, form)
    parts += _extras(comparison, form)
    return Table(
        headings=tuple(heading for heading, _ in parts),
        rows=tuple(
            tuple(make(row) for _, make in parts) for row in comparison.rows
        ),
        notes=(*comparison.notes, *legend(comparison, form)),
    )


def legend(comparison: Comparison, form: Form) -> list[str]:
    """What the marks mean, where there are any.

    Args:
        comparison: What is compared.
        form: How it is shown.
    """
    options = comparison.options
    found = [cell for row in comparison.rows for cell in row.cells.values()]
    notes = []
    if any(cell.deviation is not None for cell in found):
        divisor = "n - 1" if options.deviation == "sample" else "n"
        notes.append(
            f"Mean {PLUS_MINUS} standard deviation over seeds "
            f"({options.deviation}: divided by {divisor})."
        )
    if any(cell.is_best for cell in found):
        text = "Bold: the best mean."
        if any(cell.is_equal is not None for cell in found):
            text += (
                " Underlined: not told apart from it (two-sided paired t-test "
                f"over shared seeds, p >= {options.alpha:g}; not corrected "
                "for the number of tests)."
            )
        notes.append(text)
    shown = {name for name, _ in _extras(comparison, form)}
    if "params" in shown:
        notes.append("params: all weights, relative to the smallest method.")
    return notes


def column_title(column: Column, unit: str = "") -> str:
    """`left accuracy ↑`; without the task for a mean."""
    arrow = {1: " ↑", -1: " ↓"}.get(column.direction or 0, "")
    task = "" if column.task in AVERAGES else f"{column.task} "
    return f"{task}{column.metric}{unit}{arrow}"


def _scores(comparison: Comparison, column: Column, form: Form) -> list[Part]:
    scale = form.scale(column.is_fraction)
    found = [
        row.cells[column].mean * scale
        for row in comparison.rows
        if column in row.cells
    ]
    places = form.places(found, column.is_fraction)

    def number(mean: float, spread: float | None) -> str:
        text = f"{mean * scale:.{places}f}"
        if spread is None:
            return text
        return f"{text} {PLUS_MINUS} {spread * scale:.{places}f}"

    def measured(row: Row) -> TextCell:
        cell = row.cells.get(column)
        if cell is None:
            return TextCell("-")
        text = number(cell.mean, cell.deviation)
        return TextCell(text, cell.is_best, bool(cell.is_equal))

    def published(row: Row) -> TextCell:
        value = row.published.get(column)
        return TextCell("-" if value is None else number(*value))

    unit = " %" if form.percent and column.is_fraction else ""
    title = column_title(column, unit)
    parts: list[Part] = [(title, measured)]
    if any(column in row.published for row in comparison.rows):
        parts.append((f"published {title}", published))
    return parts


def _extras(comparison: Comparison, form: Form) -> list[Part]:
    getters: dict[str, tuple[str, Callable[[Row], str | None]]] = {
        "n": ("n", lambda row: str(row.count)),
        "rank": ("mean rank ↓", lambda row: _decimal(row.mean_rank, 2)),
        "delta_m": (
            "Δm % ↑",
            lambda row: (
                None if row.delta_m is None else f"{100 * row.delta_m:+.2f}"
            ),
        ),
        "score": ("score ↑", lambda row: _decimal(row.score, 3)),
        "parameters": ("params", lambda row: _decimal(row.ratio, 2)),
        "seconds": (
            "time",
            lambda row: None if row.seconds is None else duration(row.seconds),
        ),
        "memory": (
            "memory",
            lambda row: None if row.memory is None else size(row.memory),
        ),
    }
    return [
        (getters[name][0], _or_dash(getters[name][1]))
        for name in form.extras
        if any(getters[name][1](row) is not None for row in comparison.rows)
    ]


def _or_dash(get: Callable[[Row], str | None]) -> Callable[[Row], TextCell]:
    return lambda row: TextCell(get(row) or "-")


def _decimal(value: float | None, places: int) -> str | None:
    return None if value is None else f"{value:.{places}f}"
