"""How a run is trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class TrainingOptions:
    """The options of `keras_mtl.runs.train`, which explains them.

    Raises:
        ConfigError: If one of them is out of range.
    """

    epochs: int
    limit_batches: int | None = None
    resume: bool = False
    monitor: str = "val_loss"
    mode: str = "auto"
    evaluate: str = "best"
    checkpoint_every: int = 1
    checkpoint_every_batches: int | None = None
    log_every: int = 50
    hparams: Mapping[str, Any] | None = None
    config_text: str | None = None
    quiet: bool = False
    callbacks: Sequence[Any] = ()
    pipeline: Any = None

    def __post_init__(self) -> None:
        for name in ("epochs", "checkpoint_every", "log_every"):
            _check_positive(name, getattr(self, name))
        for name in ("limit_batches", "checkpoint_every_batches"):
            if getattr(self, name) is not None:
                _check_positive(name, getattr(self, name))
        if self.evaluate not in ("best", "last"):
            raise ConfigError(
                "`evaluate` must be 'best' or 'last'. Received: "
                f"{self.evaluate!r}."
            )


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise ConfigError(f"`{name}` must be at least 1. Received: {value}.")
