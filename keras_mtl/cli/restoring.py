"""A run as its commands need it: built again, with its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from keras_mtl.cli.configuration import load_run
from keras_mtl.cli.settings import Settings
from keras_mtl.errors import ConfigError, DataError

if TYPE_CHECKING:
    from keras_mtl.config import Experiment
    from keras_mtl.runs import RunFolder


def restored(
    folder: RunFolder,
    settings: Settings,
    weights: str | None = None,
    overrides: Sequence[str] = (),
) -> tuple[Experiment, str]:
    """Builds a run's data and trainer, and loads a checkpoint.

    Args:
        folder: The run.
        settings: What the user wants of any command.
        weights: `"best"` or `"last"`; by default what the run tested.
        overrides: What to set in the run's configuration.

    Returns:
        The experiment, and which checkpoint was loaded.

    Raises:
        DataError: If there is no such checkpoint, or it is damaged.
    """
    from keras_mtl.config import build

    experiment = build(load_run(folder, settings, overrides))
    chosen = weights or folder.resolved["fit"]["evaluate"]
    used = _load(experiment.trainer, folder, chosen, weights is None)
    return experiment, used


def split_of(data: Any, name: str) -> Any:
    """A split of a data set.

    Args:
        data: The data set.
        name: `"train"`, `"validation"` or `"test"`.

    Raises:
        ConfigError: If the data set has no such split.
    """
    part = getattr(data, name)
    if part is None:
        raise ConfigError(
            f"the data set {data.name!r} has no {name} split. "
            "Choose another with --split."
        )
    return part


def _load(trainer: Any, folder: RunFolder, chosen: str, or_last: bool) -> str:
    """Loads a checkpoint; `last` where no epoch was best, if allowed."""
    from keras_mtl.runs import Checkpoints

    checkpoints = Checkpoints(folder.checkpoints)
    if chosen == "best" and (folder.best_weights.exists() or not or_last):
        checkpoints.load_best(trainer)
        return "best"
    if checkpoints.load_last(trainer) is None:
        raise DataError(
            f"the run {str(folder.path)!r} has no checkpoint yet. Let it "
            "train for an epoch."
        )
    return "last"
