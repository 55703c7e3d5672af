"""Runs that differ in nothing but their seed."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keras_mtl.report.column import AVERAGES, OUTPUTS, Column
from keras_mtl.report.run import Results, Run
from keras_mtl.report.statistics import mean


@dataclass(frozen=True, eq=False)
class Method:
    """One row of a table.

    Args:
        label: Its name, short.
        config: The flattened configuration that its runs have in common.
        runs: Seed to run, in the order of seeds.
        split: Split that the runs are compared on.
    """

    label: str
    config: Mapping[str, Any]
    runs: Mapping[int | None, Run]
    split: str = "test"

    @functools.cached_property
    def results(self) -> dict[int | None, Results]:
        """Seed to the scores on the split."""
        return {s: run.results(self.split) for s, run in self.runs.items()}

    def values(self, column: Column) -> dict[int | None, float]:
        """Seed to score; NaN where it is none, absent where not measured."""
        found: dict[int | None, float] = {}
        for seed, results in self.results.items():
            value = _value(results, column, self.runs[seed])
            if value is not None:
                found[seed] = value
        return found

    def finite(self, column: Column) -> dict[int | None, float]:
        """Seed to score, where that is a number."""
        values = self.values(column)
        return {s: v for s, v in values.items() if math.isfinite(v)}

    def fact(self, name: str) -> float | None:
        """The mean over the runs of a fact of the manifest, if recorded."""
        known = [run.fact(name) for run in self.runs.values()]
        values = [value for value in known if value is not None]
        return mean(values) if values else None


def _value(results: Results, column: Column, run: Run) -> float | None:
    if column.task not in AVERAGES or column.task in results:
        return results.get(column.task, {}).get(column.metric)
    values = [
        scores[column.metric]
        for task, scores in sorted(results.items())
        if column.metric in scores
        for _ in range(_count(run, task, column))
    ]
    return mean(values) if values else None


def _count(run: Run, task: str, column: Column) -> int:
    """How often a task counts in a mean."""
    if column.task != OUTPUTS:
        return 1
    config = run.definitions.get((task, column.metric), {}).get("config")
    count = config.get("num_outputs") if isinstance(config, Mapping) else 1
    return count if isinstance(count, int) and count > 0 else 1
