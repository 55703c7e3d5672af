"""A log folder in which TensorBoard sees several runs as one experiment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_mtl.errors import ConfigError

if TYPE_CHECKING:
    from keras_mtl.sweeps import SweepFolder

# A column of the HParams tab: folder of the curve, and its tag.
Column = tuple[str, str]
_SWEEP = ("sweep.yaml", "trials.json")
# There, whatever has been trained yet.
_FIRST = ("validation", "loss/total")
_NOT_METRICS = ("weight/", "learning_rate", "distance/", "roaming/")


@dataclass(frozen=True)
class ShownRun:
    """A run on the board.

    Args:
        name: Its name there.
        logs: Folder of its curves, which may not exist yet.
        config: Its complete configuration.
        method: Label of its method in a sweep, `None` outside of one.
        columns: What it has curves of.
    """

    name: str
    logs: Path
    config: Mapping[str, Any]
    method: str | None = None
    columns: Sequence[Column] = field(default_factory=tuple)


def is_sweep(path: Path) -> bool:
    """Whether a folder is that of a sweep."""
    return all((path / name).is_file() for name in _SWEEP)


def runs_in(paths: Iterable[Path]) -> list[ShownRun]:
    """The runs of run folders and sweep folders.

    Args:
        paths: The folders.

    Returns:
        Runs in that order; of sweeps, those that have not begun as well.

    Raises:
        DataError: If a folder is neither, or damaged.
        ConfigError: If two runs have the same name.
    """
    from keras_mtl.runs import RunFolder
    from keras_mtl.sweeps import SweepFolder

    paths = list(paths)
    found = []
    for path in paths:
        if is_sweep(path):
            found += _trials(SweepFolder.open(path), len(paths) > 1)
        else:
            run = RunFolder.open(path)
            found.append(
                ShownRun(
                    run.path.name, run.logs, run.resolved, None, columns(run)
                )
            )
    names = [run.name for run in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(
            "the folders must have different names, for the curves are told "
            f"apart by them. Received several called {twice}."
        )
    return found


def _trials(sweep: SweepFolder, is_one_of_many: bool) -> list[ShownRun]:
    from keras_mtl.errors import DataError
    from keras_mtl.runs import RunFolder

    prefix = f"{sweep.path.name}/" if is_one_of_many else ""
    found = []
    for record in sweep.records.values():
        path = sweep.run_path(record.name)
        try:
            known = columns(RunFolder.open(path))
        except DataError:  # not begun yet
            known = []
        config = sweep.resolved(record.name)
        name = f"{prefix}{record.name}"
        found.append(ShownRun(name, path / "logs", config, record.label, known))
    return found


def columns(run: Any) -> list[Column]:
    """Losses and metrics that a run has in its history.

    Args:
        run: A `RunFolder`.

    Returns:
        Those of the validation, or of the training where there is none.
    """
    from keras_mtl.callbacks.tags import VALIDATION, tag, tasks_in

    keys = run.history[-1] if run.history else {}
    validated = [key for key in keys if key.startswith(VALIDATION)]
    group = "validation" if validated else "train"
    tasks = tasks_in(keys)
    tags = [
        tag(key, tasks)
        for key in validated or keys
        if key not in ("epoch", "step", "seconds")
    ]
    return [(group, t) for t in tags if not t.startswith(_NOT_METRICS)]


def write_board(folder: Path, runs: Sequence[ShownRun]) -> None:
    """Fills a log folder.

    Every run has a folder in it with its configuration as text, its
    hyperparameters, those that differ between the runs, and links to its
    curves, so that what is still trained is seen as well. Repetitions with
    other seeds form a group.

    Args:
        folder: An empty folder.
        runs: What to show.
    """
    import yaml
    from tensorboard.plugins.text.summary_v2 import text_pb

    from keras_mtl.callbacks import hyperparameters
    from keras_mtl.callbacks.event_log import EventLog

    values = _values(runs)
    known = dict.fromkeys([_FIRST, *(c for run in runs for c in run.columns)])
    log = EventLog(folder)
    log.summary(hyperparameters.board(values, list(known)), 0)
    log.close()
    for run, own in zip(runs, values, strict=True):
        (folder / run.name).mkdir(parents=True)
        log = EventLog(folder / run.name)
        log.summary(hyperparameters.session_start(own), 0)
        text = yaml.safe_dump(dict(run.config), sort_keys=False)
        log.summary(text_pb("config", f"```yaml\n{text}\n```"), 0)
        log.close()
        for part in ("train", "validation"):
            link = folder / run.name / part
            link.symlink_to(run.logs.absolute() / part)


def _values(runs: Sequence[ShownRun]) -> list[dict[str, Any]]:
    """What tells the runs apart, or all where nothing does."""
    from keras_mtl.callbacks.hyperparameters import hyperparameters

    every = [hyperparameters(run.config) for run in runs]
    keys = dict.fromkeys(key for values in every for key in values)
    differing = [
        key for key in keys if len({repr(v.get(key)) for v in every}) > 1
    ]
    found = []
    for run, values in zip(runs, every, strict=True):
        own = {key: values[key] for key in differing if key in values}
        if run.method is not None:
            own = {"method": run.method, **own}
        found.append(own or values)
    return found
