"""From a sweep file to its checked trials."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from keras_mtl.config import load
from keras_mtl.config.checks import describe
from keras_mtl.config.document import Document
from keras_mtl.config.registry import suggestion
from keras_mtl.errors import ConfigError
from keras_mtl.sweeps.grid import as_json
from keras_mtl.sweeps.methods import Method, methods
from keras_mtl.sweeps.plan import Plan
from keras_mtl.sweeps.schema import SweepConfig
from keras_mtl.sweeps.seeds import read_seeds
from keras_mtl.sweeps.trial import Trial

# What a sweep sets itself.
_OWN = {"seed": "Give `seeds` instead.", "name": "Trials name themselves."}
_LISTED = re.compile(r"\d+ problems in the configuration:")


def plan_sweep(
    config: SweepConfig,
    document: Document,
    plugins: bool = True,
) -> Plan:
    """Checks the configuration of every trial. Builds nothing.

    Args:
        config: A sweep.
        document: The places of its values; see `load_sweep`.
        plugins: Whether components of other packages are allowed.

    Returns:
        The trials.

    Raises:
        ConfigError: If any of them is wrong, two rows have one label or run
            the same, or a label that is spoken of does not exist: all
            problems at once.
    """
    rows = methods(config, document)
    problems = [*_forbidden(config), *_labels(config, rows)]
    trials: list[Trial] = []
    notes: dict[str, None] = {}
    for seed in read_seeds(config.seeds):
        for row, name in zip(rows, _names(rows), strict=True):
            try:
                loaded = load(row.config, row.overrides, seed, plugins)
            except ConfigError as error:
                problems += _lines(error, row)
                continue
            notes |= dict.fromkeys(loaded.notes)
            resolved = loaded.config.resolved()
            trials.append(_trial(row, f"{name}-seed{seed}", seed, resolved))
    problems += _twins(trials)
    if problems:
        raise _error(dict.fromkeys(problems))
    ordered = config.model_copy(
        update={"rows": config.rows or [row.label for row in rows]}
    )
    return Plan(ordered, tuple(trials), tuple(notes))


def _trial(
    row: Method, name: str, seed: int, resolved: dict[str, Any]
) -> Trial:
    plain = json.loads(json.dumps({**resolved, "name": name}))
    return Trial(name, row.label, seed, row.config, dict(row.set), plain)


def _names(rows: Sequence[Method]) -> list[str]:
    """Names of folders: the labels in letters that every system takes."""
    names: list[str] = []
    for row in rows:
        name = base = _slug(row.label)
        number = 2
        while name in names:
            name = f"{base}-{number}"
            number += 1
        names.append(name)
    return names


def _slug(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", plain)
    return plain.lstrip("._-")[:70].rstrip("._-") or "trial"


def _forbidden(config: SweepConfig) -> list[str]:
    keys = [*config.grid, *config.set]
    keys += [key for method in config.configs for key in method.set]
    keys += [key for trial in config.trials for key in trial.set]
    return [
        f"{key}: a sweep cannot set this key. {hint}"
        for key, hint in _OWN.items()
        if key in keys
    ]


def _labels(config: SweepConfig, rows: Sequence[Method]) -> list[str]:
    labels = [row.label for row in rows]
    problems = [
        f"two rows have the label {label!r}. Give each entry of `configs` and "
        "`trials` one of its own."
        for label in dict.fromkeys(labels)
        if labels.count(label) > 1
    ]
    named = {"reference": [config.reference] if config.reference else []}
    named["rows"] = list(config.rows)
    if config.published:
        named["published.rows"] = list(config.published.rows)
    problems += [
        f"{key}: no row has the label {label!r}; there are {labels}."
        f"{suggestion(label, labels)}"
        for key, spoken_of in named.items()
        for label in spoken_of
        if label not in labels
    ]
    missing = [label for label in labels if label not in config.rows]
    if config.rows and missing:
        problems.append(f"rows: expected every label; {missing} are missing.")
    return problems + _unknown_names(config)


def _unknown_names(config: SweepConfig) -> list[str]:
    return [
        f"names: {describe(key)} is not a key of the grid, "
        f"{sorted(config.grid)}.{suggestion(key, config.grid)}"
        for key in config.names
        if key not in config.grid
    ]


def _twins(trials: Iterable[Trial]) -> list[str]:
    first: dict[str, Trial] = {}
    problems = []
    for trial in trials:
        twin = first.setdefault(trial.key, trial)
        if twin.label != trial.label:
            problems.append(
                f"the rows {twin.label!r} and {trial.label!r} are the same "
                "configuration. Leave one of them out."
            )
    return problems


def _lines(error: ConfigError, row: Method) -> list[str]:
    """The problems of a configuration, pointing at the sweep file."""
    head, *rest = str(error).split("\n  ")
    lines = rest if _LISTED.fullmatch(head) else [str(error)]
    for key, place in row.places.items():
        if place.line is None:
            continue
        text = f"--set {key}={as_json(row.set[key])}"
        lines = [line.replace(f"{text}:", f"{place}:", 1) for line in lines]
    return lines


def _error(problems: Iterable[str]) -> ConfigError:
    lines = list(problems)
    if len(lines) == 1:
        return ConfigError(lines[0])
    listed = "".join(f"\n  {line}" for line in lines)
    return ConfigError(f"{len(lines)} problems in the sweep:{listed}")
