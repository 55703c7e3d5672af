"""Tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

# Where the output is no terminal, wide enough that nothing is cut.
_WIDTH = 160
# Metrics beside each other.
_ACROSS = 8


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    title: str | None = None,
) -> None:
    """Prints a table; colours follow the terminal and NO_COLOR.

    Args:
        columns: Headings.
        rows: Cells, as many as columns.
        title: Shown above.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_header=any(columns),
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def print_metrics(
    metrics: Mapping[str, Mapping[str, float]], title: str
) -> None:
    """Prints one row a task, one column a metric; turned where too wide.

    Args:
        metrics: Task to metric to value.
        title: Shown above.
    """
    names = list(
        dict.fromkeys(name for row in metrics.values() for name in row)
    )
    rows = [
        [task, *(_number(row.get(name)) for name in names)]
        for task, row in metrics.items()
    ]
    heads = ["task", *names]
    if len(names) > _ACROSS:
        (_, *heads), *rows = map(list, zip(heads, *rows, strict=True))
        heads = ["metric", *heads]
    print_table(heads, rows, title)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def counted(number: float) -> str:
    """A whole number with separators: `41,330`."""
    return f"{number:,.0f}"


def byte_size(size: float) -> str:
    """Bytes in the unit that suits them, powers of 1024: `1.5 MiB`."""
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
