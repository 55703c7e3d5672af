"""Refuses to put numbers side by side that do not mean the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keras_mtl.errors import ConfigError
from keras_mtl.report.column import AVERAGES, Column
from keras_mtl.report.files import shortest
from keras_mtl.report.labels import differing_keys
from keras_mtl.report.run import Run

# Options of the data that belong to the training, not to what is measured.
_TRAINING = (
    "dir",
    "seed",
    "batch_size",
    "mode",
    "length",
    "tasks",
    "augment",
    "augmentation",
    "cache",
    "workers",
)


def check_data(runs: Sequence[Run], ignored: Sequence[str] = ()) -> None:
    """Checks that all runs used one data set, split in one way.

    Args:
        runs: The runs.
        ignored: Keys of the configuration that may differ.

    Raises:
        ConfigError: If an option of the data differs, or the contents of the
            files do; names what differs and a run of each kind.
    """
    kinds = _first_of_each(runs, lambda run: _data(run, ignored))
    if len(kinds) > 1:
        keys = differing_keys([_data(run, ignored) for run in kinds])
        # Of another data set, the options differ in any case.
        keys = {k: keys[k] for k in ("data.name",) if k in keys} or keys
        lines = [
            f"{key}: "
            + ", ".join(
                f"{value} ({shortest(run.path)})"
                for value, run in _pairs(values, kinds)
            )
            for key, values in keys.items()
        ]
        raise ConfigError(
            "The runs do not share one data set and split:\n  "
            + "\n  ".join(lines)
            + "\nCompare them one data set at a time. Pass --ignore KEY for "
            "an option that does not change what is measured."
        )
    _check_contents(runs)


def check_metrics(runs: Sequence[Run], columns: Iterable[Column]) -> None:
    """Checks that a column means the same metric in all runs.

    Args:
        runs: The runs.
        columns: What is compared.

    Raises:
        ConfigError: If a metric is defined in two ways; names it.
    """
    wanted = list(columns)
    metrics = {(column.task, column.metric) for column in wanted}
    averaged = {name for task, name in metrics if task in AVERAGES}
    known: dict[tuple[str, str], tuple[str, Run]] = {}
    for run in runs:
        for (task, name), found in run.definitions.items():
            if (task, name) not in metrics and name not in averaged:
                continue
            text = json.dumps(found, sort_keys=True)
            before, other = known.setdefault((task, name), (text, run))
            if before != text:
                raise ConfigError(
                    f"The metric {name!r} of task {task!r} is not defined in "
                    f"the same way in all runs: {before} "
                    f"({shortest(other.path)}), {text} "
                    f"({shortest(run.path)}). Evaluate them with one "
                    "definition, or leave the metric out with --metric."
                )


def _data(run: Run, ignored: Sequence[str]) -> dict[str, Any]:
    return {
        key: value
        for key, value in run.flat.items()
        if value is not None
        and key.startswith("data.")
        and key.split(".")[1] not in _TRAINING
        and key.rpartition(".")[2] not in ("dir", "seed")
        and key not in ignored
    }


def _check_contents(runs: Sequence[Run]) -> None:
    # Runs of some of the tasks may have read some of the files.
    by_tasks: dict[str, list[Run]] = {}
    for run in runs:
        if _content(run) is not None:
            by_tasks.setdefault(str(run.flat.get("data.tasks")), []).append(run)
    for known in by_tasks.values():
        kinds = _first_of_each(known, _content)
        if len(kinds) < 2:
            continue
        found = ", ".join(
            f"{str(_content(run))[:12]} ({shortest(run.path)})" for run in kinds
        )
        raise ConfigError(
            "The runs use the same data set by name, but the contents of its "
            f"files differ: {found}. Repeat the older ones."
        )


def _content(run: Run) -> Any:
    data = run.manifest.get("data")
    return data.get("contents") if isinstance(data, Mapping) else None


def _first_of_each(runs: Iterable[Run], kind: Any) -> list[Run]:
    """The first run of each kind, in the order of runs."""
    found: dict[str, Run] = {}
    for run in runs:
        text = json.dumps(kind(run), sort_keys=True, default=str)
        found.setdefault(text, run)
    return list(found.values())


def _pairs(values: Sequence[str], runs: Sequence[Run]) -> list[tuple[str, Run]]:
    """The first run of each value."""
    found: dict[str, Run] = {}
    for value, run in zip(values, runs, strict=True):
        found.setdefault(value, run)
    return list(found.items())
