"""Writes a table as Markdown, LaTeX, CSV or JSON, or on a terminal."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from keras_mtl.report.comparison import Comparison
from keras_mtl.report.form import Form
from keras_mtl.report.row import Row
from keras_mtl.report.table import PLUS_MINUS, Table, TextCell, table

FORMATS = ("terminal", "md", "csv", "latex", "json")
_WIDTH = 200
_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    PLUS_MINUS: r"$\pm$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "Δ": r"$\Delta$",
}


def written(comparison: Comparison, form: Form, format: str) -> str:
    """A comparison as text.

    Args:
        comparison: What is compared.
        form: How numbers are shown; CSV and JSON have all digits.
        format: One of `FORMATS`.

    Returns:
        The text, with a newline at its end.
    """
    if format == "csv":
        return to_csv(comparison)
    if format == "json":
        return to_json(comparison)
    laid_out = table(comparison, form)
    if format == "latex":
        return to_latex(laid_out)
    if format == "md":
        return to_markdown(laid_out)
    return to_terminal(laid_out)


def to_markdown(table: Table) -> str:
    """A table with the best in bold and its equals underlined (HTML)."""

    def cell(one: TextCell) -> str:
        text = one.text.replace("|", "\\|")
        if one.is_best:
            return f"**{text}**"
        return f"<u>{text}</u>" if one.is_equal else text

    lines = [
        " | ".join(head.replace("|", "\\|") for head in table.headings),
        " | ".join(
            "---" if i == 0 else "---:" for i, _ in enumerate(table.headings)
        ),
        *(" | ".join(map(cell, row)) for row in table.rows),
    ]
    text = "\n".join(f"| {line} |" for line in lines)
    notes = "".join(f"- {note}\n" for note in table.notes)
    return f"{text}\n" + (f"\n{notes}" if notes else "")


def to_latex(table: Table) -> str:
    r"""A `booktabs` table; notes are comments above it.

    The preamble needs `\usepackage{booktabs}`.
    """

    def escaped(text: str) -> str:
        return "".join(_LATEX.get(letter, letter) for letter in text)

    def cell(one: TextCell) -> str:
        text = escaped(one.text)
        if one.is_best:
            return rf"\textbf{{{text}}}"
        return rf"\underline{{{text}}}" if one.is_equal else text

    lines = [
        *(f"% {note}" for note in table.notes),
        rf"\begin{{tabular}}{{l{'r' * (len(table.headings) - 1)}}}",
        r"\toprule",
        " & ".join(map(escaped, table.headings)) + r" \\",
        r"\midrule",
        *(" & ".join(map(cell, row)) + r" \\" for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def to_terminal(table: Table) -> str:
    """A table for a terminal; colours follow it and NO_COLOR."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    rich = RichTable(box=box.SIMPLE_HEAD)
    for index, name in enumerate(table.headings):
        rich.add_column(
            name, overflow="fold", justify="right" if index else "left"
        )
    for row in table.rows:
        rich.add_row(*(Text(_marked(c), style=_style(c)) for c in row))
    with console.capture() as capture:
        console.print(rich)
        for note in table.notes:
            console.print(Text(f"- {_in_marks(note)}"))
    return capture.get()


def to_csv(comparison: Comparison) -> str:
    """One line a method and metric; numbers in full."""
    text = io.StringIO()
    names = [
        "method", "task", "metric", "mean", "deviation", "n", "is_best",
        "is_equal", "p_value", "rank", "published_mean",
        "published_deviation", *_SUMMARY,
    ]  # fmt: skip
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for row in comparison.rows:
        summary = {name: getattr(row, name) for name in _SUMMARY}
        for entry in _entries(comparison, row):
            writer.writerow({"method": row.label, **entry, **summary})
    return text.getvalue()


def to_json(comparison: Comparison) -> str:
    """Everything, with the runs and the notes."""
    options = comparison.options
    value = {
        "split": options.split,
        "deviation": options.deviation,
        "alpha": options.alpha,
        "ties": options.ties,
        "methods": [
            {
                "label": row.label,
                "runs": {
                    str(seed): str(run.path)
                    for seed, run in method.runs.items()
                },
                "is_reference": row.is_reference,
                "n": row.count,
                **{name: getattr(row, name) for name in _SUMMARY},
                "scores": _entries(comparison, row),
            }
            for row, method in zip(
                comparison.rows, comparison.methods, strict=True
            )
        ],
        "notes": list(comparison.notes),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


_SUMMARY = (
    "mean_rank",
    "delta_m",
    "score",
    "parameters",
    "shared_parameters",
    "ratio",
    "seconds",
    "memory",
)


def _entries(comparison: Comparison, row: Row) -> list[dict[str, Any]]:
    entries = []
    for column in comparison.columns:
        cell, printed = row.cells.get(column), row.published.get(column)
        if cell is None and printed is None:
            continue
        entry: dict[str, Any] = {"task": column.task, "metric": column.metric}
        if cell is not None:
            entry |= {
                "mean": cell.mean,
                "deviation": cell.deviation,
                "n": cell.count,
                "is_best": cell.is_best,
                "is_equal": cell.is_equal,
                "p_value": cell.p_value,
                "rank": cell.rank,
            }
        if printed is not None:
            entry["published_mean"], entry["published_deviation"] = printed
        entries.append(entry)
    return entries


def _style(cell: TextCell) -> str:
    if cell.is_best:
        return "bold"
    return "underline" if cell.is_equal else ""


def _in_marks(note: str) -> str:
    """The legend, for the marks below."""
    return note.replace("Bold:", "Bold *:").replace(
        " Underlined:", " Underlined =:"
    )


def _marked(cell: TextCell) -> str:
    """With marks that survive where there is no bold."""
    if cell.is_best:
        return f"{cell.text} *"
    return f"{cell.text} =" if cell.is_equal else cell.text
