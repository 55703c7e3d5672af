"""From a file, or the name of a preset, to a checked configuration."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keras_mtl.config.checks import check
from keras_mtl.config.components import Completer
from keras_mtl.config.document import Document, expand_shorthands, merge
from keras_mtl.config.environment import check_variables
from keras_mtl.config.location import Location, Path
from keras_mtl.config.overrides import read_override
from keras_mtl.config.problem import Problem, error_of
from keras_mtl.config.schema import RunConfig
from keras_mtl.config.sources import find_config, read_config, read_text

_BLOCKS = {
    "data": "datasets",
    "model": "models",
    "trainer": "trainers",
    "optimizer": "optimizers",
    "pipeline": "pipelines",
}
_DEFAULTS = {"trainer": {"name": "shared"}, "optimizer": {"name": "adam"}}


@dataclass(frozen=True)
class Loaded:
    """A checked configuration.

    Args:
        config: The configuration, complete with defaults.
        document: The values as written, for the places of later errors.
        text: The file as it is, to be kept with the run.
        notes: What the user should know, one sentence each.
        plugins: Whether components of other packages are allowed.
    """

    config: RunConfig
    document: Document
    text: str
    notes: tuple[str, ...] = ()
    plugins: bool = True


def load(
    config: str,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    plugins: bool = True,
) -> Loaded:
    """Reads and checks a configuration file. Builds nothing.

    Later ones win: defaults, `extends:`, the file, `overrides`, `seed`.

    Args:
        config: Path of a YAML file, or the name of a preset.
        overrides: What to set, as `"trainer.name=independent"`.
        seed: Seed of the run.
        plugins: Whether components of other packages are allowed.

    Returns:
        The configuration.

    Raises:
        ConfigError: If anything is wrong: a list of all problems, each with
            file, line and column.
    """
    path = find_config(config)
    document = read_config(path)
    document = _overridden(document, overrides, seed)
    return check_document(document, read_text(path), plugins)


def load_values(
    values: dict[str, Any],
    source: str,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    plugins: bool = True,
) -> Loaded:
    """Checks a configuration that is at hand, such as that of a run.

    Args:
        values: Plain values, as in a configuration file.
        source: Where they come from, for the errors.
        overrides: As in `load`.
        seed: As in `load`.
        plugins: As in `load`.

    Returns:
        The configuration.

    Raises:
        ConfigError: As in `load`.
    """
    places: dict[Path, Location] = {(): Location(source)}
    document = Document(copy.deepcopy(values), values=places)
    document = _overridden(expand_shorthands(document), overrides, seed)
    return check_document(document, "", plugins)


def check_document(document: Document, text: str, plugins: bool) -> Loaded:
    """Checks values and completes them with defaults."""
    data = document.data
    seed = data.get("seed", 0)
    completer = Completer(document, seed if _is_int(seed) else 0, plugins)
    problems = check(RunConfig, data, (), document)
    completed = _completed(data, completer)
    problems += check_variables(document)
    problems = _unique([*completer.problems, *problems])
    if problems:
        raise error_of(problems)
    config = RunConfig.model_validate(completed)
    notes = tuple(completer.notes)
    return Loaded(config, document, text, notes, plugins)


def _overridden(
    document: Document, overrides: Sequence[str], seed: int | None
) -> Document:
    document = merge(Document(copy.deepcopy(_DEFAULTS)), document)
    for text in overrides:
        document = merge(document, read_override(text))
    if seed is not None:
        place: dict[Path, Location] = {("seed",): Location(f"--seed {seed}")}
        document = merge(document, Document({"seed": seed}, place, place))
    return document


def _completed(data: dict[str, Any], completer: Completer) -> dict[str, Any]:
    completed = dict(data)
    for key, kind in _BLOCKS.items():
        if data.get(key) is not None:
            completed[key] = completer.complete(kind, data[key], (key,))
    if isinstance(data.get("callbacks"), list):
        completed["callbacks"] = [
            completer.complete("callbacks", callback, ("callbacks", index))
            for index, callback in enumerate(data["callbacks"])
        ]
    if isinstance(data.get("tasks"), dict):
        completed["tasks"] = {
            name: _completed_task(name, task, completer)
            for name, task in data["tasks"].items()
        }
    return completed


def _completed_task(name: str, task: Any, completer: Completer) -> Any:
    if not isinstance(task, dict):
        return task
    completed, path = dict(task), ("tasks", name)
    if "loss" in task:
        completed["loss"] = completer.complete(
            "losses", task["loss"], (*path, "loss")
        )
    if isinstance(task.get("metrics"), list):
        completed["metrics"] = [
            completer.complete("metrics", metric, (*path, "metrics", index))
            for index, metric in enumerate(task["metrics"])
        ]
    return completed


def _unique(problems: Sequence[Problem]) -> list[Problem]:
    """One problem a key: the first is the more precise one."""
    return list({problem.path: problem for problem in problems[::-1]}.values())


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
