"""One finished run, as it is compared with others."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_mtl.report.flat import flattened

Results = dict[str, dict[str, float]]


@dataclass(frozen=True, eq=False)
class Run:
    """What is read of a run folder.

    Args:
        path: The folder.
        config: The resolved configuration.
        manifest: Content of `manifest.json`.
        metrics: Content of `metrics.json`.
        label: Name of its method, given by the user or by a sweep.
    """

    path: Path
    config: Mapping[str, Any]
    manifest: Mapping[str, Any]
    metrics: Mapping[str, Any]
    label: str | None = None

    @property
    def seed(self) -> int | None:
        """Seed of the run."""
        seed = self.config.get("seed", self.manifest.get("seed"))
        return seed if isinstance(seed, int) else None

    @functools.cached_property
    def flat(self) -> dict[str, Any]:
        """The configuration with dotted keys, lists opened as well."""
        return flattened(self.config)

    def results(self, split: str) -> Results:
        """Scores on a split.

        Args:
            split: `"test"`, `"validation"` or `"train"`. Of the last two, at
                the epoch whose weights were tested.

        Returns:
            Task to metric to value, NaN where a score was not a number;
            empty where the run has no such split.
        """
        found: Any = self.metrics.get("test")
        if split != "test":
            chosen = "best" if self.metrics.get("evaluated") == "best" else ""
            epoch = self.metrics.get(chosen) or self.metrics.get("last")
            found = epoch.get(split) if isinstance(epoch, Mapping) else None
        if not isinstance(found, Mapping):
            return {}
        return {
            str(task): {str(name): _number(v) for name, v in scores.items()}
            for task, scores in found.items()
            if isinstance(scores, Mapping)
        }

    @functools.cached_property
    def definitions(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Task and metric to its definition, where that is recorded."""
        recorded = self.manifest.get("metric_definitions")
        if not isinstance(recorded, Mapping):
            return {}
        return {
            (str(task), str(name)): found
            for task, metrics in recorded.items()
            if isinstance(metrics, Mapping)
            for name, found in metrics.items()
            if isinstance(found, Mapping)
        }

    def fact(self, name: str) -> float | None:
        """A number of the manifest; `None` where it is not recorded."""
        value = self.manifest.get(name)
        if isinstance(value, bool) or math.isnan(_number(value)):
            return None
        return _number(value)


def _number(value: Any) -> float:
    # `metrics.json` holds null for what was not finite.
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    return math.nan
