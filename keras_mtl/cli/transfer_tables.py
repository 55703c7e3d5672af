"""What a network took over, on the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from keras_mtl.config import Experiment


def print_transfer(experiment: Experiment) -> None:
    """Prints every layer and class that was taken over, or left random.

    Args:
        experiment: What was built; nothing is printed without a transfer.
    """
    from keras_mtl.cli.output import print_table

    transfer: Any = experiment.transfer
    if transfer is None or transfer.block is None:
        return
    print_table(
        ["layer", "state", "from", "shapes", "training"],
        layer_rows(transfer),
        f"Transfer from {transfer.block.weights or 'nowhere'}",
    )
    if transfer.report and transfer.report.unused:
        unused = ", ".join(transfer.report.unused)
        click.echo(f"Layers of the source without use: {unused}")
    for task, report in transfer.classifiers.items():
        print_table(report.columns, report.rows(), f"Classes of {task}")
        for note in report.notes:
            click.echo(f"Note: {note}")


def write_transfer(experiment: Experiment, folder: Path) -> None:
    """Writes what was taken over into `transfer.json`.

    Args:
        experiment: What was built; nothing is written without a transfer.
        folder: The run folder.
    """
    transfer: Any = experiment.transfer
    if transfer is not None and transfer.block is not None:
        text = json.dumps(transfer.as_dict(), indent=2)
        (folder / "transfer.json").write_text(text, encoding="utf-8")


def layer_rows(transfer: Any) -> list[list[str]]:
    """A row a layer: its name, what became of it, how it is trained.

    Args:
        transfer: The transfer of an experiment.
    """
    if transfer.report is None:
        names = dict.fromkeys([*transfer.frozen, *transfer.rates])
        rows = [[name, "-", "-", "-"] for name in names]
    else:
        rows = transfer.report.rows()
    return [[*row, _training(transfer, row[0])] for row in rows]


def _training(transfer: Any, name: str) -> str:
    if name in transfer.frozen:
        return "frozen"
    factor, epoch = transfer.rates.get(name, (1.0, 0))
    text = "" if factor == 1 else f"learning rate x {factor:g}"
    later = f"from epoch {epoch}" if epoch else ""
    return ", ".join(part for part in (text, later) if part) or "yes"
