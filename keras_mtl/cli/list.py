"""`keras-mtl list`: the components and presets there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from keras_mtl.cli import options
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError


@click.command()
@click.argument("kind")
@options.common
@click.pass_obj
def command(settings: Settings, kind: str) -> None:
    """Show the components of a KIND.

    KIND is aggregators, weightings, trainers, models, layers, datasets,
    losses, metrics, optimizers, schedules, callbacks or presets.

    Aggregators come with the backward passes that a step of T tasks takes:
    T, or 1 + heads (one through the trunk and one through each head) with
    `gradients: representation`.
    """
    if kind == "presets":
        print_presets()
        return
    _print_components(kind)


def print_presets() -> None:
    """Prints presets and sweeps with the first line of their comment."""
    from keras_mtl.cli.output import print_table
    from keras_mtl.configs import (
        preset_names,
        preset_path,
        sweep_names,
        sweep_path,
    )

    rows = [[name, _comment(preset_path(name))] for name in preset_names()]
    print_table(["preset", "what it trains"], rows)
    rows = [[name, _comment(sweep_path(name))] for name in sweep_names()]
    print_table(["sweep", "what it compares"], rows)


def _comment(path: Path) -> str:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("#").strip().removesuffix(".")


def _print_components(kind: str) -> None:
    from keras_mtl.config.registry import kinds, names, suggestion

    known = [*kinds(), "presets"]
    if kind not in known:
        raise ConfigError(
            f"expected a kind, one of {known}. Received: {kind!r}."
            f"{suggestion(kind, known)}"
        )
    from keras_mtl.cli.output import print_table
    from keras_mtl.cli.startup import start_keras

    start_keras()
    columns = ["name", "what it is", *_traits(kind), "paper"]
    print_table(columns, [_row(kind, name) for name in names(kind)])


def _traits(kind: str) -> list[str]:
    """Further columns, which aggregators declare."""
    if kind != "aggregators":
        return []
    return ["reads", "backward passes", "guarantees"]


def _backward_passes(aggregator: Any) -> str:
    """What a step costs: at the weights, or else at the representation."""
    if aggregator.reads == "nothing":
        return "1"
    return "T, or 1 + heads" if aggregator.representation else "T"


def _row(kind: str, name: str) -> list[str]:
    from keras_mtl.cli.documentation import paper, summary
    from keras_mtl.config.registry import resolve

    component: Any = resolve(kind, name)
    row = [name, summary(component)]
    if kind == "aggregators":
        row += [
            component.reads,
            _backward_passes(component),
            ", ".join(sorted(component.guarantees)),
        ]
    return [*row, paper(component)]
