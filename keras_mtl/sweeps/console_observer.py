"""Shows people how a sweep goes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from keras_mtl.errors import DataError
from keras_mtl.runs.atomic import read_json
from keras_mtl.sweeps.estimate import duration
from keras_mtl.sweeps.record import (
    FAILED,
    FINISHED,
    INTERRUPTED,
    RUNNING,
    Record,
)
from keras_mtl.sweeps.sweep_folder import SweepFolder

_REFRESH_SECONDS = 0.5
_SHOWN_METRICS = 6
# Lines of the terminal that the rows leave free.
_MARGIN = 6
_MARKS = {
    FINISHED: ("done", "green"),
    FAILED: ("failed", "red"),
    INTERRUPTED: ("stopped", "yellow"),
}


class ConsoleObserver:
    """A live table on a terminal; elsewhere a line for every trial that ends.

    A context manager. It writes to the standard error.

    Args:
        sweep: What is shown.
        console: Where to write. `NO_COLOR` is obeyed.
        quiet: Show nothing but failures.
    """

    def __init__(
        self,
        sweep: SweepFolder,
        console: Console | None = None,
        quiet: bool = False,
    ) -> None:
        self.sweep = sweep
        self.console = console or Console(stderr=True, highlight=False)
        self.quiet = quiet
        self._live: Live | None = None
        self._drawn = 0.0

    def __enter__(self) -> ConsoleObserver:
        if self.console.is_terminal and not self.quiet:
            self._live = Live(
                console=self.console, auto_refresh=False, transient=True
            )
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def ended(self, record: Record, left: float | None) -> None:
        """Prints the line of a trial; on a terminal only if it failed."""
        if self._live is not None:
            self._drawn = 0.0
        if record.state == FINISHED and (self._live or self.quiet):
            return
        line = f"{self._counted()} {record.label}, seed {record.seed}: "
        line += _outcome(record, self.sweep)
        if left:
            line += f"; about {duration(left)} left"
        # Never wrapped, so that it stays one line in a file.
        self.console.print(Text(line), soft_wrap=True)

    def watch(
        self,
        running: Mapping[str, float],
        waiting: Sequence[str],
        left: float | None,
    ) -> None:
        """Draws the table anew, twice a second at most."""
        now = time.monotonic()
        if self._live is None or now - self._drawn < _REFRESH_SECONDS:
            return
        self._drawn = now
        self._live.update(self.view(running, left), refresh=True)

    def view(
        self, running: Mapping[str, float], left: float | None
    ) -> RenderableType:
        """The table: a row for every method, a column for every seed.

        Args:
            running: Name to seconds since the start.
            left: Seconds that the sweep will still take, if that is known.
        """
        records = list(self.sweep.records.values())
        seeds = sorted({record.seed for record in records})
        table = Table(box=box.SIMPLE_HEAD)
        table.add_column("method", overflow="ellipsis", no_wrap=True)
        for seed in seeds:
            table.add_column(f"seed {seed}", no_wrap=True)
        cells = {
            (record.label, record.seed): self._cell(record, running)
            for record in records
        }
        labels = list(dict.fromkeys(record.label for record in records))
        for label in self._visible(labels, records):
            row = [cells.get((label, seed), Text("")) for seed in seeds]
            table.add_row(Text(label), *row)
        return Group(table, Text(self._status(left)))

    def _visible(
        self, labels: Sequence[str], records: Sequence[Record]
    ) -> list[str]:
        """As many rows as fit, around those that are running."""
        room = max(1, self.console.size.height - _MARGIN)
        active = {r.label for r in records if r.state == RUNNING}
        if len(labels) <= room or not active:
            return list(labels[:room])
        first = min(labels.index(label) for label in active)
        begin = max(0, min(first - room // 3, len(labels) - room))
        return list(labels[begin : begin + room])

    def _cell(self, record: Record, running: Mapping[str, float]) -> Text:
        if record.name in running:
            spent = duration(running[record.name])
            return Text(f"epoch {self._epoch(record)}, {spent}", style="cyan")
        text, style = _MARKS.get(record.state, ("", ""))
        if record.reused_from and record.state == FINISHED:
            text = "reused"
        return Text(text, style=style)

    def _epoch(self, record: Record) -> int:
        """The epoch that a running trial is in, counted from 1."""
        history = self.sweep.run_path(record.name) / "history.csv"
        try:
            lines = history.read_text(encoding="utf-8").count("\n")
        except OSError:
            return 1
        return max(1, lines)

    def _status(self, left: float | None) -> str:
        text = self._counted()
        failed = [r for r in self.sweep.records.values() if r.state == FAILED]
        if failed:
            text += f", {len(failed)} failed"
        return text + (f"; about {duration(left)} left" if left else "")

    def _counted(self) -> str:
        states = Counter(r.state for r in self.sweep.records.values())
        done = states[FINISHED] + states[FAILED]
        return f"[{done}/{sum(states.values())}]"


def _outcome(record: Record, sweep: SweepFolder) -> str:
    if record.state == FAILED:
        log = sweep.log_path(record.name).name
        return f"failed, {record.reason} (trials/{log})"
    spent = duration(record.seconds or 0.0)
    if record.state == INTERRUPTED:
        return f"interrupted after {spent}"
    return f"finished in {spent}{scores_of(sweep, record)}"


def scores_of(sweep: SweepFolder, record: Record) -> str:
    """The test metrics of a finished trial, in a few words."""
    try:
        metrics = read_json(sweep.run_path(record.name) / "metrics.json")
        found = [
            f"{task} {name} {value:.4g}"
            for task, scores in metrics["test"].items()
            for name, value in scores.items()
            if name != "loss" and value is not None
        ]
    except (DataError, KeyError, TypeError, AttributeError, ValueError):
        return ""
    if not found:
        return ""
    more = ", ..." if len(found) > _SHOWN_METRICS else ""
    return f" ({', '.join(found[:_SHOWN_METRICS])}{more})"
