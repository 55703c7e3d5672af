"""Looks for the learning rate of every method of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from keras_mtl.config.document import Document
from keras_mtl.errors import ConfigError, DataError
from keras_mtl.runs import RunFolder
from keras_mtl.runs.atomic import read_json, write_json, write_text
from keras_mtl.runs.monitor import improves
from keras_mtl.sweeps.best import Best
from keras_mtl.sweeps.methods import Method, methods
from keras_mtl.sweeps.objective import (
    check_validation,
    goal,
    objective,
    rate_key,
)
from keras_mtl.sweeps.plan import Plan
from keras_mtl.sweeps.planning import plan_sweep
from keras_mtl.sweeps.record import FINISHED
from keras_mtl.sweeps.schema import SweepConfig, TrialConfig
from keras_mtl.sweeps.seeds import read_seeds
from keras_mtl.sweeps.suggest import suggest
from keras_mtl.sweeps.sweep_folder import SweepFolder
from keras_mtl.sweeps.trial import Trial
from keras_mtl.sweeps.tune_options import TuneOptions

TUNING = "tuning.json"
TUNED = "tuned.yaml"


class Tuner:
    """Tries learning rates, log-uniform at first, then where they are good.

    The rates come from optuna's TPE sampler. Its state is not kept: it is
    made anew from the finished trials and the number of the next one, so
    that a search that was interrupted goes on as if it had not been. The
    trials are those of an ordinary sweep folder, run with the first seed.

    Args:
        asked: The sweep whose methods are tuned.
        options: How many rates, and in which range.
        path: Folder of the search.
        plugins: Whether components of other packages are allowed.

    Raises:
        ConfigError: If a method cannot be tuned: it has no validation split,
            or its learning rate is varied already.
    """

    def __init__(
        self,
        asked: SweepConfig,
        options: TuneOptions,
        path: Path,
        plugins: bool = True,
    ) -> None:
        self.asked = asked
        self.options = options
        self.path = path
        self.plugins = plugins
        self.seed = read_seeds(asked.seeds)[0]
        self.methods = methods(asked, Document({}))
        self.keys: dict[str, str] = {}
        self.goals: dict[str, str] = {}
        self.monitors: dict[str, str] = {}
        self.rates: dict[str, list[float]] = {}
        self._planned: dict[str, Trial] = {}
        for trial in self._plan_of(asked).trials:
            self._prepare(trial.label, trial.resolved)

    @classmethod
    def open(cls, path: Path, count: int | None, plugins: bool = True) -> Tuner:
        """Goes on with a search.

        Args:
            path: Its folder.
            count: Rates to try; as many as before by default.
            plugins: Whether components of other packages are allowed.

        Raises:
            DataError: If the folder is damaged.
        """
        state = read_json(path / TUNING)
        try:
            asked = SweepConfig.model_validate(state["asked"])
            options = TuneOptions(
                count or state["count"], state["low"], state["high"]
            )
            tuner = cls(asked, options, path, plugins)
            tuner.rates = {k: list(v) for k, v in state["rates"].items()}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, ConfigError):
                raise
            raise DataError(
                f"{str(path / TUNING)!r} is damaged: {error}. Restore it from "
                "a copy, or start anew in another folder with --out."
            ) from error
        return tuner

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest rate."""
        return self.options.low, self.options.high

    def run(
        self, sweep: SweepFolder | None, work: Callable[[SweepFolder], None]
    ) -> list[Best]:
        """Asks for rates and runs them, a round of all methods at a time.

        Args:
            sweep: The folder of the search, if there is one already.
            work: Runs what a sweep folder holds.

        Returns:
            The best rate of every method.

        Raises:
            ConfigError: If optuna is missing, or a run has no value.
        """
        for number in range(self.options.count):
            for method in self.methods:
                rates = self.rates.setdefault(method.label, [])
                if len(rates) <= number:
                    rates.append(self._ask(method, number, sweep))
            plan = self._plan(number)
            if sweep is None:
                sweep = SweepFolder.create(self.path, plan)
            with sweep.lock():
                self._save()
                if len(plan.trials) > len(sweep.records):
                    sweep.extend(plan)
                work(sweep)
        if sweep is None:
            return []
        found = [self._best(method, sweep) for method in self.methods]
        self._write_tuned(found)
        return found

    def _prepare(self, label: str, resolved: Mapping[str, Any]) -> None:
        check_validation(resolved, label)
        self.keys[label] = rate_key(resolved)
        self.goals[label] = goal(resolved)
        self.monitors[label] = resolved["fit"]["monitor"]
        if any(key.startswith(self.keys[label]) for key in self.asked.grid):
            raise ConfigError(
                f"--tune varies {self.keys[label]}, and so does the grid. "
                "Leave it out of the grid."
            )

    def _plan(self, number: int) -> Plan:
        """The trials of all rounds up to one; the same rate is run once."""
        trials = {
            self._label(method, rate): self._trial(method, rate)
            for rank in range(number + 1)
            for method in self.methods
            for rate in self.rates[method.label][rank : rank + 1]
        }
        new = [t for label, t in trials.items() if label not in self._planned]
        if new:
            wanted = {"trials": [t.model_dump() for t in new]}
            plan = self._plan_of(SweepConfig.model_validate(wanted))
            self._planned |= {trial.label: trial for trial in plan.trials}
        asked = {
            "name": self.asked.name,
            "trials": [trial.model_dump() for trial in trials.values()],
            "seeds": self.seed,
            "rows": list(trials),
            "columns": self.asked.columns,
        }
        config = SweepConfig.model_validate(asked)
        return Plan(config, tuple(self._planned[label] for label in trials))

    def _plan_of(self, config: SweepConfig) -> Plan:
        config = config.model_copy(update={"seeds": self.seed})
        return plan_sweep(config, Document({}), self.plugins)

    def _trial(self, method: Method, rate: float) -> TrialConfig:
        key = self.keys[method.label]
        return TrialConfig(
            label=self._label(method, rate),
            config=method.config,
            set={**method.set, key: rate},
        )

    def _label(self, method: Method, rate: float) -> str:
        return f"{method.label}, lr={rate:g}"

    def _ask(
        self, method: Method, number: int, sweep: SweepFolder | None
    ) -> float:
        known = [] if sweep is None else self._values(method, sweep)
        return suggest(known, self.goals[method.label], number, self.options)

    def _values(
        self, method: Method, sweep: SweepFolder
    ) -> list[tuple[float, float | None]]:
        """Every rate tried, with its value if the trial reached one."""
        by_label = {r.label: r for r in sweep.records.values()}
        found: list[tuple[float, float | None]] = []
        for rate in self.rates.get(method.label, []):
            record = by_label.get(self._label(method, rate))
            value = None
            if record is not None and record.state == FINISHED:
                run = RunFolder.open(sweep.run_path(record.name))
                value = objective(run)
            found.append((rate, value))
        return found

    def _best(self, method: Method, sweep: SweepFolder) -> Best:
        best: tuple[float | None, float | None] = (None, None)
        values = self._values(method, sweep)
        for rate, value in values:
            if value is not None and improves(
                value, best[1], self.goals[method.label]
            ):
                best = rate, value
        finished = sum(value is not None for _, value in values)
        monitor = self.monitors[method.label]
        return Best(method.label, *best, monitor, finished)

    def _save(self) -> None:
        state = {
            "count": self.options.count,
            "low": self.options.low,
            "high": self.options.high,
            "rates": self.rates,
            "asked": self.asked.model_dump(mode="json"),
        }
        write_json(self.path / TUNING, state)

    def _write_tuned(self, found: list[Best]) -> None:
        """A sweep file with the best rates and all seeds."""
        rates = {best.label: best.rate for best in found}
        trials = [
            TrialConfig(
                label=method.label,
                config=method.config,
                set={**method.set, self.keys[method.label]: rate},
            )
            for method in self.methods
            if (rate := rates[method.label]) is not None
        ]
        kept: dict[str, Any] = {
            "grid": {},
            "names": {},
            "configs": [],
            "set": {},
        }
        if len(trials) < len(self.methods):
            kept |= {"rows": [], "published": None, "reference": None}
        tuned = self.asked.model_copy(
            update={
                **kept,
                "name": f"{self.asked.name}_tuned"[:100],
                "config": None,
                "trials": trials,
            }
        )
        asked = tuned.model_dump(mode="json", exclude_defaults=True)
        text = yaml.safe_dump(asked, sort_keys=False, allow_unicode=True)
        head = "# Every method with the learning rate that was best for it.\n"
        write_text(self.path / TUNED, head + text)
