"""The folder that holds one sweep."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.runs.atomic import (
    disk_errors,
    read_json,
    write_json,
    write_text,
)
from keras_mtl.runs.difference import differences
from keras_mtl.runs.folder_lock import FolderLock
from keras_mtl.sweeps.plan import Plan
from keras_mtl.sweeps.record import FINISHED, INTERRUPTED, RUNNING, Record
from keras_mtl.sweeps.schema import SweepConfig
from keras_mtl.sweeps.trial import Trial, key_of

# LibYAML is ten times faster; a build of PyYAML may come without it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_VERSION = 1
_FILES = ("sweep.yaml", "trials.json")


class SweepFolder:
    """A sweep on disk: what was asked, and how every trial stands.

    Make one with `create` or `open`.

    Args:
        path: The folder.
        config: What was asked.
        records: The trials by name, in the order they are run.
    """

    def __init__(
        self, path: Path, config: SweepConfig, records: Mapping[str, Record]
    ) -> None:
        self.path = path
        self.config = config
        self.records = dict(records)
        self._lock = FolderLock(path)
        # The files of the trials do not change.
        self._resolved: dict[str, dict[str, Any]] = {}

    @classmethod
    def create(cls, path: str | os.PathLike[str], plan: Plan) -> SweepFolder:
        """Makes a new sweep folder; its trials are all pending.

        Raises:
            ConfigError: If the folder is not empty.
            DataError: If the disk is full or read-only.
        """
        path = Path(path).absolute()
        _check_new(path)
        with disk_errors(path):
            (path / "trials").mkdir(parents=True, exist_ok=True)
        sweep = cls(path, plan.config, {})
        sweep.extend(plan)
        return sweep

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> SweepFolder:
        """Opens a sweep, whoever is running it.

        Raises:
            DataError: If the folder is missing, not that of a sweep, or
                damaged.
        """
        path = Path(path).absolute()
        missing = [name for name in _FILES if not (path / name).is_file()]
        if missing:
            raise DataError(
                f"{str(path)!r} is not a sweep folder: expected "
                f"{' and '.join(missing)} in it. Give the folder that "
                "`keras-mtl sweep` printed."
            )
        state = read_json(path / "trials.json")
        try:
            asked = _read_yaml(path / "sweep.yaml")
            config = SweepConfig.model_validate(asked)
            records = [Record.from_entry(entry) for entry in state["trials"]]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(
                f"The sweep folder {str(path)!r} is damaged: {error}. Restore "
                "sweep.yaml and trials.json from a copy, or adopt its "
                "finished runs in a new sweep with --reuse."
            ) from error
        return cls(path, config, {record.name: record for record in records})

    def extend(self, plan: Plan) -> None:
        """Adds the trials of a plan; those that are there stay as they are.

        Args:
            plan: What is asked now: all that was asked before, and perhaps
                more.

        Raises:
            ConfigError: If something that was asked before no longer is.
        """
        known = {key_of(self.resolved(name)): name for name in self.records}
        wanted = {trial.key for trial in plan.trials}
        gone = [name for key, name in known.items() if key not in wanted]
        if gone:
            raise ConfigError(self._gone(gone, plan.trials))
        records: dict[str, Record] = {}
        for trial in plan.trials:
            name = known.get(trial.key) or self._free_name(trial.name)
            if name not in self.records:
                self._freeze(dataclasses.replace(trial, name=name))
            old = self.records.get(name) or _record(trial, name)
            records[name] = dataclasses.replace(old, label=trial.label)
        self.config = plan.config
        self.records = records
        asked = plan.config.model_dump(mode="json", exclude_defaults=True)
        text = yaml.safe_dump(asked, sort_keys=False, allow_unicode=True)
        write_text(self.path / "sweep.yaml", text)
        self._save()

    def recover(self) -> None:
        """Notes what a killed sweep left behind; to be called locked."""
        for record in list(self.records.values()):
            if record.state == RUNNING:
                done = self._is_finished(record)
                self.update(
                    record.name, state=FINISHED if done else INTERRUPTED
                )
        for rest in (self.path / "trials").glob(".*.new-*"):
            shutil.rmtree(rest, ignore_errors=True)

    def update(self, name: str, **changes: Any) -> Record:
        """Changes the record of a trial, on disk too."""
        record = dataclasses.replace(self.records[name], **changes)
        self.records[name] = record
        self._save()
        return record

    def lock(self) -> FolderLock:
        """Context manager that keeps other sweeps out; it nests."""
        return self._lock

    def run_path(self, name: str) -> Path:
        """The run folder of a trial, which may not exist yet."""
        return self.path / self.records[name].folder

    def config_path(self, name: str) -> Path:
        """The configuration that a trial is started with."""
        return self.path / "trials" / f"{name}.yaml"

    def log_path(self, name: str) -> Path:
        """What the processes of a trial printed."""
        return self.path / "trials" / f"{name}.log"

    def resolved(self, name: str) -> dict[str, Any]:
        """The complete configuration of a trial.

        Raises:
            DataError: If its file is missing or damaged.
        """
        if name not in self._resolved:
            path = self.config_path(name)
            try:
                values = _read_yaml(path)
            except ValueError as error:
                message = f"Could not read {str(path)!r}: {error}."
                raise DataError(message) from error
            self._resolved[name] = values if isinstance(values, dict) else {}
        return self._resolved[name]

    def _is_finished(self, record: Record) -> bool:
        path = self.path / record.folder / "manifest.json"
        try:
            return bool(read_json(path)["status"] == "finished")
        except (DataError, KeyError, TypeError):
            return False

    def _freeze(self, trial: Trial) -> None:
        """Keeps the configuration, for the preset may change meanwhile."""
        changes = ", ".join(f"{k}={v}" for k, v in trial.set.items())
        head = f"# {trial.label}, seed {trial.seed}: {trial.config} {changes}"
        values = {**trial.resolved, "name": trial.name}
        text = yaml.safe_dump(values, sort_keys=False)
        line = " ".join(head.split())
        write_text(self.config_path(trial.name), f"{line}\n{text}")

    def _free_name(self, name: str) -> str:
        free, number = name, 2
        while free in self.records:
            free = f"{name}-{number}"
            number += 1
        return free

    def _save(self) -> None:
        entries = [record.to_entry() for record in self.records.values()]
        state = {"version": _VERSION, "trials": entries}
        write_json(self.path / "trials.json", state)

    def _gone(self, names: list[str], trials: Iterable[Trial]) -> str:
        record = self.records[names[0]]
        changed: list[str] = []
        for trial in trials:
            if (trial.label, trial.seed) == (record.label, record.seed):
                old = {**self.resolved(record.name), "name": trial.name}
                changed = differences(old, trial.resolved)
        what = "".join(f"\n  {line}" for line in changed)
        return (
            f"The sweep in {str(self.path)!r} has {len(names)} trials that "
            f"are no longer asked for, first {record.label!r} with seed "
            f"{record.seed}{':' if what else '.'}{what}\nA sweep may grow, "
            "not change. Undo this, or choose another folder with --out and "
            f"adopt what fits with --reuse {self.path}."
        )


def _record(trial: Trial, name: str) -> Record:
    return Record(
        name,
        trial.label,
        trial.seed,
        f"trials/{name}",
        trial.config,
        dict(trial.set),
    )


def _read_yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(str(error)) from error


def _check_new(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise ConfigError(
            f"{str(path)!r} is a file. Choose a folder with --out."
        )
    if not path.exists() or not any(path.iterdir()):
        return
    if all((path / name).is_file() for name in _FILES):
        raise ConfigError(
            f"There is a sweep in {str(path)!r}. Go on with it with --resume, "
            "or choose another folder with --out."
        )
    raise ConfigError(
        f"The folder {str(path)!r} is not empty, and not that of a sweep. "
        "Choose another one with --out."
    )
