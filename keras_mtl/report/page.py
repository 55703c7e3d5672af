"""One self-contained page: the table, its pictures and its runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from keras_mtl.report.comparison import Comparison
from keras_mtl.report.files import shortest
from keras_mtl.report.form import Form
from keras_mtl.report.table import Table, TextCell, table
from keras_mtl.version import __version__

if TYPE_CHECKING:
    from keras_mtl.report.plots import Picture

# Nothing may be loaded from anywhere else, whatever a label holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(
    comparison: Comparison,
    form: Form,
    pictures: Sequence[Picture] = (),
    title: str = "Comparison",
) -> str:
    """Writes a comparison as HTML.

    Args:
        comparison: What is compared.
        form: How numbers are shown.
        pictures: Drawings below the table.
        title: Heading of the page.

    Returns:
        A page that needs no other file, readable on a phone, light or dark
        as its reader prefers.
    """
    laid_out = table(comparison, form)
    style = files("keras_mtl.report").joinpath("page.css").read_text("utf-8")
    parts = [
        f"<header><h1>{escape(title)}</h1>{_summary(comparison)}</header>",
        f"<main>{_table(laid_out)}{_notes(laid_out.notes)}",
        _pictures(pictures),
        _runs(comparison),
        "</main>",
        f"<footer>Made by keras-mtl {escape(__version__)}.</footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, '
        'initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        "<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _summary(comparison: Comparison) -> str:
    runs = sum(row.count for row in comparison.rows)
    tasks = sorted({column.task for column in comparison.columns})
    return (
        f"<p>{_counted(len(comparison.rows), 'method')}, "
        f"{_counted(runs, 'run')}, {escape(comparison.options.split)} split, "
        f"{'tasks' if len(tasks) > 1 else 'task'}: "
        f"{escape(', '.join(tasks))}</p>"
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _table(laid_out: Table) -> str:
    names = "".join(
        f'<th scope="col">{_unbroken(name)}</th>' for name in laid_out.headings
    )
    rows = "".join(
        f"<tr>{_cells(row, laid_out.headings)}</tr>\n" for row in laid_out.rows
    )
    # The roles stay when a narrow screen shows rows as cards.
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Table">'
        f'<table class="scores"><thead><tr>{names}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table></div>\n"
    )


def _cells(row: Sequence[TextCell], headings: Sequence[str]) -> str:
    label = escape(row[0].text)
    cells = [f'<th scope="row">{label}</th>']
    for cell, name in zip(row[1:], headings[1:], strict=True):
        kind = "best" if cell.is_best else "equal" if cell.is_equal else ""
        shown = f' class="{kind}"' if kind else ""
        cells.append(
            f'<td data-label="{escape(name)}"{shown}>'
            f"<span>{escape(cell.text)}</span></td>"
        )
    return "".join(cells)


def _unbroken(heading: str) -> str:
    """Arrows and units stay with their word."""
    text = escape(heading)
    for mark in "%↑↓":
        text = text.replace(f" {mark}", f"&nbsp;{mark}")
    return text


def _notes(notes: Iterable[str]) -> str:
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f"<section><h2>Notes</h2><ul>{items}</ul></section>" if items else ""


def _pictures(pictures: Sequence[Picture]) -> str:
    if not pictures:
        return ""
    drawn = "\n".join(
        f'<figure id="picture-{escape(one.name)}">'
        f"<h3>{escape(one.title)}</h3>"
        f'<div role="img" aria-label="{escape(one.title)}">{one.svg()}</div>'
        f"<figcaption>{escape(one.caption)}</figcaption></figure>"
        for one in pictures
    )
    return (
        f'<section><h2>Pictures</h2><div class="pictures">{drawn}</div>'
        "</section>"
    )


def _runs(comparison: Comparison) -> str:
    items = "".join(
        f"<li>{escape(method.label)}, seed {seed}: "
        f"<code>{escape(shortest(run.path))}</code></li>"
        for method in comparison.methods
        for seed, run in method.runs.items()
    )
    return f"<details><summary>Runs</summary><ul>{items}</ul></details>"
