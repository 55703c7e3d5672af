"""Single-task runs as one run of all their tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras_mtl.report.options import SPLITS
from keras_mtl.report.run import Results, Run

# What networks that are trained apart need together.
_SUMS = ("parameters", "shared_parameters", "seconds")


def are_disjoint(runs: Sequence[Run]) -> bool:
    """Whether no task was scored in two runs, and each has scores."""
    tasks = [{t for s in SPLITS for t in run.results(s)} for run in runs]
    return all(tasks) and len(set().union(*tasks)) == sum(map(len, tasks))


def merged(runs: Sequence[Run]) -> Run:
    """One run with the tasks of several.

    Args:
        runs: Runs of different tasks with one seed, the first of which lends
            path and configuration.

    Returns:
        A run with all scores; parameters and times are sums, the memory is
        the largest.
    """
    first = runs[0]
    manifest: dict[str, Any] = dict(first.manifest)
    for name in _SUMS:
        known = [value for run in runs if (value := run.fact(name)) is not None]
        manifest[name] = sum(known) if len(known) == len(runs) else None
    memory = [run.fact("peak_memory_bytes") or 0.0 for run in runs]
    manifest["peak_memory_bytes"] = max(memory) or None
    definitions: dict[str, dict[str, Any]] = {}
    for run in runs:
        for (task, metric), found in run.definitions.items():
            definitions.setdefault(task, {})[metric] = found
    manifest["metric_definitions"] = definitions
    last = {split: _results(runs, split) for split in SPLITS[1:]}
    metrics = {
        "test": _results(runs, "test"),
        "last": last,
        "evaluated": first.metrics.get("evaluated"),
        "best": last,
    }
    return Run(first.path, first.config, manifest, metrics, first.label)


def _results(runs: Sequence[Run], split: str) -> Results:
    return {t: s for run in runs for t, s in run.results(split).items()}
